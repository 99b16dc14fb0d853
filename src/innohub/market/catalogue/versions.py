"""What a listing version holds, in the one form that its hash covers."""

from collections.abc import Mapping, Sequence
from typing import Any

from innohub.errors import Problem
from innohub.market.catalogue.models import ListingDraft, Section
from innohub.market.catalogue.parts import LABELS, NO_AI, part_of

ALWAYS = (
    Section.WHAT_IT_DOES,
    Section.HOW_IT_WORKS,
    Section.DATA_USE,
    Section.DEPLOYMENT_AND_INTEGRATION,
    Section.PRICE_AND_TERMS,
    Section.SUPPORT,
)
"""The sections that every listing needs."""
LOOKED_FOR = (
    "trl_evidence",
    "research_lines",
    "integrations",
    "hosting",
    "data_kinds",
    "ai_role",
    Section.SECURITY.value,
)
"""What forces ask for first, and a listing can be published without."""
FIELDS = {"price": "price_from_pence"}
"""Parts whose input has another name."""


def content_of(
    draft: ListingDraft,
    sections: Mapping[Section, str],
    assurance: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The draft as it stands, JSON-ready. Prices are integer pence without VAT."""
    return {
        "name": draft.name,
        "summary": draft.summary,
        "category": draft.category,
        "trl": draft.trl,
        "trl_evidence": draft.trl_evidence,
        "price": {
            "from_pence": draft.price_from_pence,
            "to_pence": draft.price_to_pence,
            "unit": draft.price_unit,
            "interval": draft.price_interval,
        }
        if draft.price_from_pence is not None
        else None,
        "capabilities": sorted(draft.capabilities),
        "research_lines": sorted(draft.research_lines),
        "integrations": list(draft.integrations),
        "hosting": sorted(draft.hosting),
        "data_kinds": sorted(draft.data_kinds),
        "ai_role": draft.ai_role,
        "sections": {str(name): sections[name] for name in Section if sections.get(name)},
        "assurance": [dict(item) for item in assurance],
    }


def required(content: Mapping[str, Any]) -> list[str]:
    """The parts that the listing needs, the facts that a draft cannot lack left out."""
    says_ai = content.get("ai_role") not in (None, NO_AI)
    sections = [s for s in Section if s in ALWAYS or (s is Section.AI_USE and says_ai)]
    return [*map(str, sections), "price", "capabilities"]


def missing_from(content: Mapping[str, Any]) -> list[str]:
    """The required parts that are still empty; none when the listing can be submitted."""
    return [part for part in required(content) if part_of(content, part) is None]


def worth_adding(content: Mapping[str, Any]) -> list[str]:
    """The parts that forces look for, and that are empty."""
    return [part for part in LOOKED_FOR if part_of(content, part) is None]


def problem_of(part: str) -> Problem:
    """What to do about a missing part."""
    if part == "price":
        message = "State a price band."
    elif part == "capabilities":
        message = "Choose at least one policing capability that it serves."
    else:
        message = f"Write the section “{LABELS[part]}”."
    return Problem(message, FIELDS.get(part, part))
