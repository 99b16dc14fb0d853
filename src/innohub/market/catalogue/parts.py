"""The parts of a listing: what each is called, and which changes of them are material.

From the vocabulary's listing machine: "material edit: price, data use, AI model, hosting,
security".
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from innohub.market.catalogue.models import Section


class Area(StrEnum):
    """What a change may touch that a reviewer, and assurance, has to look at again."""

    PRICE = "price"
    DATA_USE = "data_use"
    AI = "ai"
    HOSTING = "hosting"
    SECURITY = "security"


FACTS = {
    "name": "Name",
    "summary": "Summary",
    "category": "Category",
    "trl": "Readiness level",
    "trl_evidence": "Evidence of readiness",
    "price": "Price",
    "capabilities": "What it serves",
    "research_lines": "Research interests",
    "integrations": "Works with",
    "hosting": "Hosting",
    "data_kinds": "Kinds of data",
    "ai_role": "Part that AI plays",
}
SECTIONS = {
    Section.WHAT_IT_DOES: "What it does",
    Section.HOW_IT_WORKS: "How it works",
    Section.DATA_USE: "What data it uses",
    Section.AI_USE: "How it uses AI",
    Section.SECURITY: "Security",
    Section.DEPLOYMENT_AND_INTEGRATION: "Putting it to use",
    Section.PRICE_AND_TERMS: "Price and terms",
    Section.SUPPORT: "Support",
}
LABELS: dict[str, str] = FACTS | {name.value: label for name, label in SECTIONS.items()}
"""Every part of a listing by name, in the order in which a reader meets it."""

_AREAS: dict[str, Area] = {
    "category": Area.AI,
    "price": Area.PRICE,
    "hosting": Area.HOSTING,
    "data_kinds": Area.DATA_USE,
    "ai_role": Area.AI,
    Section.DATA_USE: Area.DATA_USE,
    Section.AI_USE: Area.AI,
    Section.SECURITY: Area.SECURITY,
    Section.DEPLOYMENT_AND_INTEGRATION: Area.HOSTING,
    Section.PRICE_AND_TERMS: Area.PRICE,
}
AI_CATEGORY = "ai_model"
NO_AI = "none"


def part_of(content: Mapping[str, Any], part: str) -> Any:
    """The part as a version's content holds it; None where it holds none."""
    if part in FACTS:
        return content.get(part) or None
    return content.get("sections", {}).get(part) or None


def changed_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The parts that differ, in the order of the page. What was not asked yet is no change."""
    return [part for part in LABELS if part_of(before, part) != part_of(after, part)]


def areas_of(
    parts: Iterable[str], before: Mapping[str, Any], after: Mapping[str, Any]
) -> set[Area]:
    """What a change of these parts touches; empty for a minor one.

    How a technology works is of its model where AI has a part in it, before or after.
    """
    found = {_AREAS[part] for part in parts if part in _AREAS}
    if "category" in parts and AI_CATEGORY not in (before.get("category"), after.get("category")):
        found = {_AREAS[part] for part in parts if part in _AREAS and part != "category"}
    if Section.HOW_IT_WORKS in parts and (uses_ai(before) or uses_ai(after)):
        found.add(Area.AI)
    return found


def uses_ai(content: Mapping[str, Any]) -> bool:
    """Whether AI has a part in it, as its supplier says."""
    role = content.get("ai_role")
    return role != NO_AI if role else content.get("category") == AI_CATEGORY
