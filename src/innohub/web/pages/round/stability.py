"""How far a ranking hangs on its weights: a sentence, a picture and a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from innohub.market.board.ranking import CHANGES
from innohub.web.pages.round.standings import stable

Row = Mapping[str, Any]
ROW = 44
TOP = 30
MARGIN = 4
"""Per cent left free at both sides of the scale."""


@dataclass(frozen=True)
class Stability:
    items: Sequence[Row]
    sentence: str
    picture: Markup
    rows: Sequence[tuple[str, Sequence[int]]]
    """For each changed weight: what was changed, and the items' ranks."""


def stability_of(round_: Row) -> Stability | None:
    """None before a ranking, and of one from before weights were varied."""
    items = [item for item in round_["items"] if item["rank"] and item["variations"]]
    if not items:
        return None
    return Stability(items, _sentence(items), _picture(items), _rows(round_, items))


def _sentence(items: Sequence[Row]) -> str:
    moved = [item for item in items if len({*stable(item)}) > 1]
    tried = "With each weight a fifth lower or a fifth higher, by itself,"
    if not moved:
        return f"{tried} every candidate keeps its rank."
    told = ", ".join(f"{_name(item)} takes ranks {_span(item)}" for item in moved)
    rest = " The others keep theirs." if len(moved) < len(items) else ""
    return f"{tried} {told}.{rest}"


def _rows(round_: Row, items: Sequence[Row]) -> list[tuple[str, list[int]]]:
    ranks = {
        (item["number"], one["criterion"], one["changePercent"]): one["rank"]
        for item in items
        for one in item["variations"]
    }
    return [
        (
            f"{one['label']} {'a fifth lower' if change < 0 else 'a fifth higher'}",
            [ranks[item["number"], one["criterion"], change] for item in items],
        )
        for one in round_["criteria"]
        for change in CHANGES
    ]


def _picture(items: Sequence[Row]) -> Markup:
    """A line for each candidate over the ranks it can take, with a dot at its own."""
    last = max(stable(item)[1] for item in items)
    scale = Markup("").join(
        Markup('<text x="{:.2f}%" y="14" text-anchor="middle">{}</text>').format(_at(n, last), n)
        for n in range(1, last + 1)
    )
    drawn = Markup("").join(_row(item, TOP + at * ROW, last) for at, item in enumerate(items))
    told = "; ".join(f"{_name(item)}: rank {item['rank']}, {_span(item)}" for item in items)
    return Markup(
        '<svg class="innohub-chart innohub-ranks" role="img" aria-label="{}" width="100%" '
        'height="{}" xmlns="http://www.w3.org/2000/svg" focusable="false">{}{}</svg>'
    ).format(f"Ranks that each candidate can take. {told}.", TOP + len(items) * ROW, scale, drawn)


def _row(item: Row, y: int, last: int) -> Markup:
    best, worst = stable(item)
    return Markup(
        '<text class="innohub-bars__name" x="0" y="{name}">{told}</text>'
        '<line class="innohub-ranks__scale" x1="{left}%" x2="{right}%" y1="{y}" y2="{y}"/>'
        '<line class="innohub-ranks__span" x1="{best:.2f}%" x2="{worst:.2f}%" y1="{y}" y2="{y}"/>'
        '<circle class="innohub-ranks__own" cx="{own:.2f}%" cy="{y}" r="6"/>'
    ).format(
        name=y + 14,
        told=_name(item),
        left=MARGIN,
        right=100 - MARGIN,
        y=y + 26,
        best=_at(best, last),
        worst=_at(worst, last),
        own=_at(item["rank"], last),
    )


def _at(rank: int, last: int) -> float:
    if last == 1:
        return 50
    return MARGIN + (rank - 1) * (100 - 2 * MARGIN) / (last - 1)


def _name(item: Row) -> str:
    name: str = item["technology"]["name"]
    return name


def _span(item: Row) -> str:
    best, worst = stable(item)
    return f"{best} to {worst}" if best != worst else f"always {best}"
