"""How the forces' ratings are spread: a picture of bars, and how they stand by kind of force."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from innohub.db import identifiers
from innohub.market.ratings.summary import STARS, Summary, summarise
from innohub.web.wording import plural, words

ROW = 26
BAR = 14
START, WIDTH = 18.0, 68.0
"""Where the bars begin and the most they take, per cent of the picture's width."""


@dataclass(frozen=True)
class Given:
    """A rating as it was read, as the summary takes it."""

    id: int
    force_id: int
    listing_version_id: int
    overall: float
    affordability: int
    capability: int
    deployability: int
    maintainability: int
    usability: int

    @classmethod
    def of(cls, node: Mapping[str, Any]) -> "Given":
        return cls(
            id=node["number"],
            force_id=identifiers.decode(node["force"]["id"])[1],
            listing_version_id=node["version"]["number"] if node["version"] else 0,
            overall=node["overall"],
            affordability=node["affordability"],
            capability=node["capability"],
            deployability=node["deployability"],
            maintainability=node["maintainability"],
            usability=node["usability"],
        )


def summary_of(nodes: Iterable[Mapping[str, Any]]) -> Summary:
    """What some ratings of one technology come to. Versions are told apart by their numbers."""
    return summarise([Given.of(node) for node in nodes])


def by_kind(nodes: Iterable[Mapping[str, Any]]) -> list[tuple[str, Summary]]:
    """The summaries by kind of force, in words; empty where all are of one kind."""
    kinds: dict[str, list[Mapping[str, Any]]] = {}
    for node in nodes:
        kinds.setdefault(node["force"]["forceKind"] or "", []).append(node)
    if len(kinds) < 2:
        return []
    return [
        (words(kind) if kind else "Kind not told", summary_of(of_kind))
        for kind, of_kind in sorted(kinds.items())
    ]


def spread_chart(distribution: Mapping[int, int]) -> Markup:
    """Five bars, the best at the top; empty without ratings."""
    most = max(distribution.values(), default=0)
    if not most:
        return Markup("")
    rows = Markup("").join(
        _row(star, distribution[star], most, place * ROW)
        for place, star in enumerate(reversed(STARS))
    )
    return Markup(
        '<svg class="innohub-chart innohub-bars" role="img" aria-label="{}" width="100%" '
        'height="{}" xmlns="http://www.w3.org/2000/svg" focusable="false">{}</svg>'
    ).format(_told(distribution), ROW * len(STARS), rows)


def _row(star: int, forces: int, most: int, y: int) -> Markup:
    return Markup(
        '<text x="0" y="{text}">{star} of 5</text>'
        '<rect class="innohub-bars__rest" x="{start}%" y="{bar}" width="{width}%" height="{high}"/>'
        '<rect class="innohub-bars__part-0" x="{start}%" y="{bar}" width="{part:.2f}%" '
        'height="{high}"/><text x="100%" y="{text}" text-anchor="end">{forces}</text>'
    ).format(
        text=y + 18,
        bar=y + 6,
        start=START,
        width=WIDTH,
        high=BAR,
        star=star,
        part=WIDTH * forces / most,
        forces=forces,
    )


def _told(distribution: Mapping[int, int]) -> str:
    told = [
        f"{star} of 5 from {plural(distribution[star], 'force')}"
        for star in reversed(STARS)
        if distribution[star]
    ]
    return "Ratings over all, to the nearest star: " + ", ".join(told) + "."
