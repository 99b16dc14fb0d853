"""A protocol's further KPIs in words, in groups by their role."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from innohub.web.pages.pilot import numbers
from innohub.web.pages.protocol.designs import DESIGNS

Row = Mapping[str, Any]
Group = tuple[str, str, list[Row]]
"""A title, what to know of it, and what is in it."""

TITLES = {
    "SECONDARY": "Secondary KPIs",
    "SAFETY_HARM": "Safety KPIs",
    "EQUALITY": "Equality KPIs, group by group",
}
TOLD = {
    "SECONDARY": "Looked at beside the primary KPI and without weight for the verdict: of twenty, "
    "one differs by chance alone.",
    "SAFETY_HARM": "Watched for harm: at its registered limit, one caps the verdict.",
    "EQUALITY": "The effect within each group. What fewer than 5 would tell is withheld.",
}
ROLES = [(role.lower(), title) for role, title in TITLES.items()]
"""For a form, which says a role as the command takes it."""


def groups(effects: Sequence[Row]) -> Iterator[Group]:
    """Effects, each with its `outcome`."""
    for role, title in TITLES.items():
        held = [one for one in effects if one["outcome"]["role"] == role]
        if held:
            yield title, TOLD[role], held


def registered_groups(outcomes: Sequence[Row]) -> Iterator[Group]:
    for role, title in TITLES.items():
        held = [one for one in outcomes if one["role"] == role]
        if held:
            yield title, TOLD[role], held


def name(outcome: Row) -> str:
    """The KPI, with the group that it is measured for."""
    label = outcome["kpiLabel"]
    return f"{label}, {outcome['population']}" if outcome["population"] else label


def alone(effect: Row) -> dict[str, Any]:
    """Without what was computed beside it."""
    return {**effect, "secondary": {}}


def registered(outcome: Row) -> str:
    """How it is compared, what would be worth having, and where it breaks its stop rule."""
    design = DESIGNS[outcome["design"]].label.lower()
    parts = [f"{outcome['direction'].lower().replace('_', ' ')}", design]
    if outcome["minimumImportantEffect"]:
        parts.append(f"smallest change worth having {numbers.smallest(outcome)}")
    parts += limits(outcome)
    return "; ".join(parts) + "."


def limits(outcome: Row) -> list[str]:
    found = []
    for field, side in (("limitLow", "or less"), ("limitHigh", "or more")):
        if outcome[field] is not None:
            value = numbers.baseline({**outcome, "baselineValue": outcome[field]})
            found.append(f"stop rule broken at {value} {side}")
    return found
