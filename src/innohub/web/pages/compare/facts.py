"""The rows of the comparison: one fact of every technology, and whether they differ in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from innohub.web.pages.technology.newest import newest_published
from innohub.web.stated import labels_of, stated
from innohub.web.wording import day, grade, number, plural, price, words

Technology = Mapping[str, Any]
NONE = "–"


@dataclass(frozen=True)
class Row:
    label: str
    cells: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.cells)) > 1


@dataclass(frozen=True)
class Group:
    title: str
    rows: tuple[Row, ...]


def groups(found: Sequence[Technology], data: Mapping[str, Any], *, has_force: bool) -> list[Group]:
    """Everything that is compared in words, in the order of the page."""
    levels = {level["value"]: level["label"] for level in data["trl"]}
    told = [stated(technology, labels_of(data)) for technology in found]

    def row(label: str, of: Callable[[Technology], str]) -> Row:
        return Row(label, tuple(of(technology) or NONE for technology in found))

    return [
        Group(
            "Facts",
            (
                row("Supplier", lambda t: t["supplier"]["name"]),
                row("Category", lambda t: t["categoryLabel"]),
                row("Price, without VAT", lambda t: price(t["price"]) if t["price"] else ""),
                row("Readiness, as claimed", lambda t: _readiness(t, levels)),
                row("Serves", _serves),
                *(
                    Row(one[0][0], tuple(text or NONE for _, text in one))
                    for one in zip(*told, strict=True)
                ),
                row("Listing", _listing),
            ),
        ),
        Group(
            "Evidence",
            (
                row("Best evidence", lambda t: _best(t["bestGrade"])),
                row("Published results", _results),
                row("Pilots", _pilots),
                *(
                    [row("Pilots by forces like mine", lambda t: str(t["alike"]["totalCount"]))]
                    if has_force
                    else []
                ),
            ),
        ),
        Group(
            "Ratings by forces",
            (
                row("Over all", _rating),
                *(
                    row(dimension["label"], _mean_of(dimension["value"]))
                    for dimension in data["dimensions"]
                ),
            ),
        ),
        Group("Assurance", tuple(row(label, _held(type_)) for type_, label in _types(found))),
    ]


def _readiness(technology: Technology, levels: Mapping[str, str]) -> str:
    level = str(technology["trl"])
    return f"TRL {level}: {levels[level]}" if level in levels else f"TRL {level}"


def _serves(technology: Technology) -> str:
    return ", ".join(sorted(one["label"] for one in technology["capabilities"]))


def _listing(technology: Technology) -> str:
    version = technology["currentVersion"]
    state = words(technology["state"])
    return f"{state}, version {version['number']}" if version else state


def _best(found: int | None) -> str:
    return "" if found is None else f"Grade {grade(found)}"


def _results(technology: Technology) -> str:
    """ "2: 1 Worked, 1 Did not work"."""
    verdicts = [words(one["verdict"]) for one in newest_published(technology["results"]["nodes"])]
    if not verdicts:
        return ""
    told = ", ".join(f"{verdicts.count(one)} {one}" for one in dict.fromkeys(verdicts))
    return f"{len(verdicts)}: {told}"


def _pilots(technology: Technology) -> str:
    if not technology["pilotCount"]:
        return ""
    active = technology["activePilotCount"]
    return f"{technology['pilotCount']}" + (f" ({active} active)" if active else "")


def _rating(technology: Technology) -> str:
    summary = technology["rating"]
    if not summary["count"]:
        return ""
    return f"{number(summary['shrunkMean'], 1)} of 5 from {plural(summary['count'], 'force')}"


def _mean_of(dimension: str) -> Callable[[Technology], str]:
    def mean(technology: Technology) -> str:
        found = technology["rating"][dimension]
        return "" if found is None else number(found, 1)

    return mean


def _types(found: Sequence[Technology]) -> list[tuple[str, str]]:
    """Every kind of assurance that one of them holds, by its label."""
    held = {item["type"]: item["label"] for one in found for item in one["assurance"]["nodes"]}
    return sorted(held.items(), key=lambda pair: str(pair[1]))


def _held(type_: str) -> Callable[[Technology], str]:
    def held(technology: Technology) -> str:
        items = [item for item in technology["assurance"]["nodes"] if item["type"] == type_]
        return "; ".join(sorted({_status(item) for item in items}))

    return held


def _status(item: Mapping[str, Any]) -> str:
    ends = f", to {day(item['expiresOn'])}" if item["expiresOn"] else ""
    return f"{words(item['status'])}{ends}"
