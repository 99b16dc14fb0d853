"""What a listing version holds, in the one form that its hash covers."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from innohub.errors import Problem
from innohub.market.catalogue.models import Section, Technology


def content_of(
    technology: Technology,
    capabilities: Iterable[str],
    sections: Mapping[Section, str],
    assurance: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The listing as it stands, JSON-ready. Prices are integer pence without VAT."""
    return {
        "name": technology.name,
        "summary": technology.summary,
        "category": technology.category,
        "trl": technology.trl,
        "price": {
            "from_pence": technology.price_from_pence,
            "to_pence": technology.price_to_pence,
            "unit": technology.price_unit,
            "interval": technology.price_interval,
        },
        "capabilities": sorted(capabilities),
        "sections": {str(name): sections[name] for name in Section if name in sections},
        "assurance": [dict(item) for item in assurance],
    }


def canonical(content: Mapping[str, Any]) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces: equal contents give equal bytes."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def hash_of(content: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()


def missing_from(
    technology: Technology, capabilities: Iterable[str], sections: Mapping[Section, str]
) -> list[Problem]:
    """What still has to be filled in before the listing can be submitted; empty when complete."""
    problems = [
        Problem(f"Write the section “{_words(section)}”.", section)
        for section in Section
        if not sections.get(section)
    ]
    if technology.price_from_pence is None:
        problems.append(Problem("State a price band.", "price_from_pence"))
    if not list(capabilities):
        problems.append(
            Problem("Choose at least one policing capability that it serves.", "capabilities")
        )
    return problems


def _words(section: Section) -> str:
    return section.replace("_", " ").capitalize()
