"""Forces against classes: each class a column of its own, each column with its own whole."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from innohub.web.pages.savings.picture import bars
from innohub.web.pages.savings.words import CLASSES
from innohub.web.wording import plural, pounds


@dataclass(frozen=True)
class Line:
    """One force: what it called off and paid, and what it saved by class; None where nothing."""

    name: str
    slug: str
    due: int
    paid: int
    saved: tuple[int | None, ...]


@dataclass(frozen=True)
class Column:
    """One class of saving, with its whole over all forces."""

    name: str
    help: str
    whole: Mapping[str, Any]
    picture: Any
    """None where one force saved all of it: there is nothing to compare."""
    only: str | None
    """That force."""
    share: str
    """Of what was paid, in words."""


def columns(data: Mapping[str, Any]) -> list[Column]:
    """Those in which something is signed."""
    wholes = {row["savingClass"]: row for row in data["savedByClass"]}
    paid = sum(row["paidPence"] for row in data["spentByForce"])
    return [
        _column(kind, wholes[kind], data["savedByForce"], paid)
        for kind in CLASSES
        if kind in wholes
    ]


def _column(
    kind: str, whole: Mapping[str, Any], by_force: Iterable[Mapping[str, Any]], paid: int
) -> Column:
    name, help = CLASSES[kind]
    own = [row for row in by_force if row["savingClass"] == kind]
    each = "; ".join(f"{row['force']['name']} {pounds(row['netPence'])}" for row in own)
    forces = plural(whole["forces"], "force")
    told = f"{name}: {pounds(whole['netPence'])} signed by {forces}. {each}."
    share = f"{whole['netPence'] / paid:.1%} of what was paid" if paid else ""
    if len(own) == 1:
        return Column(name, help, whole, None, own[0]["force"]["name"], share)
    return Column(name, help, whole, bars(own, told), None, share)


def lines(data: Mapping[str, Any], found: Sequence[Column]) -> list[Line]:
    """Every force that bought or saved, by name."""
    kinds = [column.whole["savingClass"] for column in found]
    saved = {
        (row["force"]["slug"], row["savingClass"]): row["netPence"] for row in data["savedByForce"]
    }
    spent = {row["force"]["slug"]: row for row in data["spentByForce"]}
    names = {
        row["force"]["slug"]: row["force"]["name"]
        for row in (*data["spentByForce"], *data["savedByForce"])
    }
    nothing = {"duePence": 0, "paidPence": 0}
    return [
        Line(
            name,
            slug,
            spent.get(slug, nothing)["duePence"],
            spent.get(slug, nothing)["paidPence"],
            tuple(saved.get((slug, kind)) for kind in kinds),
        )
        for slug, name in sorted(names.items(), key=lambda one: one[1])
    ]
