"""The picture of a decided round: each candidate's total, and which criterion brought how much."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from innohub.market.board.ranking import BEST_SCORE
from innohub.web.pages.round.standings import means

ROW = 52
TOP = 22
BAR = 18
COLOURS = 6
"""How many the style sheet has; further criteria begin again."""


def totals_chart(round_: Mapping[str, Any]) -> Markup:
    """Bars of 0 to 100, one for each item with a total; empty where none has one."""
    items = [item for item in round_["items"] if item["total"] is not None and item["scores"]]
    if not items:
        return Markup("")
    rows = Markup("").join(
        _row(item, round_["criteria"], TOP + place * ROW) for place, item in enumerate(items)
    )
    height = TOP + len(items) * ROW
    threshold = round_["thresholdTotal"]
    line = Markup(
        '<line class="innohub-chart__important" x1="{x}%" x2="{x}%" y1="16" y2="{height}"/>'
        '<text x="{x}%" y="12" text-anchor="middle">{threshold:g} needed</text>'
    ).format(x=threshold, height=height, threshold=threshold)
    return Markup(
        '<svg class="innohub-chart innohub-bars" role="img" aria-label="{}" width="100%" '
        'height="{}" xmlns="http://www.w3.org/2000/svg" focusable="false">{}{}</svg>'
    ).format(_told(items, threshold), height, rows, line)


def swatch(place: int) -> Markup:
    """The colour of the criterion at `place`, for the legend."""
    return Markup(
        '<svg class="innohub-bars__swatch" width="14" height="14" aria-hidden="true" '
        'focusable="false"><rect class="innohub-bars__part-{}" width="14" height="14"/></svg>'
    ).format(place % COLOURS)


def _row(item: Mapping[str, Any], criteria: Sequence[Mapping[str, Any]], y: int) -> Markup:
    name = Markup('<text class="innohub-bars__name" x="0" y="{}">{}</text>').format(
        y + 14, item["technology"]["name"]
    )
    total = Markup('<text x="100%" y="{}" text-anchor="end">{:.1f}</text>').format(
        y + 14, item["total"]
    )
    found, start, parts = means(item), 0.0, []
    for place, one in enumerate(criteria):
        width = one["weight"] * found.get(one["criterion"], 0.0) / BEST_SCORE
        parts.append(
            Markup(
                '<rect class="innohub-bars__part-{}" x="{:.2f}%" y="{}" width="{:.2f}%" '
                'height="{}"/>'
            ).format(place % COLOURS, start, y + 20, width, BAR)
        )
        start += width
    rest = Markup('<rect class="innohub-bars__rest" x="0" y="{}" width="100%" height="{}"/>')
    return Markup("").join([name, total, rest.format(y + 20, BAR), *parts])


def _told(items: Sequence[Mapping[str, Any]], threshold: float) -> str:
    totals = ", ".join(f"{item['technology']['name']} {item['total']:.1f}" for item in items)
    return f"Totals of 100: {totals}. At least {threshold:g} are needed."
