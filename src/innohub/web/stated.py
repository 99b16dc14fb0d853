"""What a supplier states of its technology in fixed words, beside its prose: the facts that its
page, a comparison and the due-diligence pack share."""

from collections.abc import Mapping
from typing import Any

LISTS = ("researchLines", "hosting", "dataKinds", "aiRoles")
"""The reference lists that the facts point into, as fragment `StatedWords` calls them."""

Labels = Mapping[str, Mapping[str, str]]
"""By list and value: the words that people read."""


def labels_of(data: Mapping[str, Any], names: tuple[str, ...] = LISTS) -> dict[str, dict[str, str]]:
    """The labels of these lists in an answer that asked for them."""
    return {name: {one["value"]: one["label"] for one in data[name]} for name in names}


def stated(technology: Mapping[str, Any], labels: Labels) -> list[tuple[str, str]]:
    """Each fact and what is said of it; nothing where the supplier says nothing.

    `technology` as fragment `Stated` reads it, or a draft with the same fields.
    """
    role = technology["aiRole"]
    return [
        ("Research interests", _named(technology["researchLines"], labels["researchLines"])),
        ("Works with", ", ".join(technology["integrations"] or ())),
        ("Runs in", _named(technology["hosting"], labels["hosting"])),
        ("Handles", _named(technology["dataKinds"], labels["dataKinds"])),
        ("AI", labels["aiRoles"].get(role, role) if role else ""),
    ]


def _named(values: Any, labels: Mapping[str, str]) -> str:
    return ", ".join(labels.get(value, value) for value in values or ())
