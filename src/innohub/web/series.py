"""The picture of an indicator over time: what was counted, the model's lines, the start, and where
the trend before was heading. Places along it are per cent, as in `charts`."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from innohub.web.charts import framed

Row = Mapping[str, Any]

LEFT, WIDTH = 2.0, 96.0
TOP, BOTTOM = 34, 226
HEIGHT = 256
LINES = 3
DRAWN = ("observed", "comparison", "fitted", "counterfactual")


@dataclass(frozen=True)
class Frame:
    """From a place in the series and a value to a place in the picture."""

    length: int
    least: float
    most: float
    size: float

    @classmethod
    def around(cls, moments: Sequence[Row]) -> "Frame":
        """Round lines above and below all that is drawn."""
        shown = [one[name] for one in moments for name in DRAWN if one[name] is not None]
        least, most = min(shown), max(shown)
        rough = ((most - least) or abs(most) or 1.0) / LINES
        size = 10.0 ** math.floor(math.log10(rough))
        size = next(size * by for by in (1, 2, 2.5, 5, 10) if size * by >= rough)
        return cls(
            len(moments), math.floor(least / size) * size, math.ceil(most / size) * size, size
        )

    def x(self, place: float) -> str:
        return f"{LEFT + WIDTH * (place + 0.5) / self.length:.2f}%"

    def y(self, value: float) -> str:
        share = (value - self.least) / ((self.most - self.least) or 1.0)
        return f"{BOTTOM - (BOTTOM - TOP) * share:.1f}"

    @property
    def lines(self) -> list[float]:
        count = round((self.most - self.least) / self.size)
        return [self.least + self.size * step for step in range(count + 1)]


def series_chart(result: Row, protocol: Row | None = None) -> Markup:
    """The picture of one result over time; empty for a result without a series. The finding is its
    text."""
    moments = result["series"]
    if not moments:
        return Markup("")
    frame = Frame.around(moments)
    start = next(place for place, one in enumerate(moments) if one["period"] == "after")
    parts = [
        *_grid(frame, protocol),
        *_path(frame, moments, "comparison", "innohub-series__comparison"),
        *_path(frame, moments[:start], "fitted", "innohub-series__fitted"),
        *_path(frame, moments, "fitted", "innohub-series__fitted", start),
        *_path(frame, moments, "counterfactual", "innohub-series__without", start),
        *_dots(frame, moments),
        _start(frame, start),
        *_ends(moments),
    ]
    return framed(result["finding"], HEIGHT, parts, "innohub-series")


def series_rows(result: Row, protocol: Row | None = None) -> list[dict[str, str]]:
    """The same numbers as texts, stretch by stretch."""
    return [
        {"on": named(one["on"]), "period": one["period"]}
        | {name: _text(one[name], protocol) for name in DRAWN}
        for one in result["series"] or ()
    ]


def named(day: str) -> str:
    """ "March 2025"; a day that begins no month is told whole."""
    on = date.fromisoformat(day)
    return f"{on:%B %Y}" if on.day == 1 else f"{on.day} {on:%B %Y}"


def _text(value: float | None, protocol: Row | None) -> str:
    if value is None:
        return ""
    if protocol and protocol["kpiType"] == "proportion":
        return f"{value:.1%}"
    if protocol and protocol["unit"] == "GBP":
        return f"£{value:,.2f}"
    return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


def _grid(frame: Frame, protocol: Row | None) -> Iterator[Markup]:
    for value in frame.lines:
        y = frame.y(value)
        text = _text(value + 0.0, protocol)
        yield Markup(
            '<line class="innohub-series__grid" x1="{}%" x2="{}%" y1="{y}" y2="{y}"/>'
            '<text class="innohub-chart__side" x="{}%" y="{}">{}</text>'
        ).format(LEFT, LEFT + WIDTH, LEFT, f"{float(y) - 4:.1f}", text, y=y)


def _path(
    frame: Frame, moments: Sequence[Row], name: str, kind: str, first: int = 0
) -> Iterator[Markup]:
    for place in range(first, len(moments) - 1):
        here, there = moments[place][name], moments[place + 1][name]
        if here is not None and there is not None:
            yield Markup('<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
                kind, frame.x(place), frame.x(place + 1), frame.y(here), frame.y(there)
            )


def _dots(frame: Frame, moments: Sequence[Row]) -> Iterator[Markup]:
    for place, one in enumerate(moments):
        if one["observed"] is not None:
            yield Markup('<circle class="innohub-series__counted" cx="{}" cy="{}" r="4"/>').format(
                frame.x(place), frame.y(one["observed"])
            )


def _start(frame: Frame, start: int) -> Markup:
    x = frame.x(start - 0.5)
    anchor = "end" if start > frame.length / 2 else "start"
    return Markup(
        '<line class="innohub-chart__important" x1="{x}" x2="{x}" y1="20" y2="{}"/>'
        '<text x="{x}" y="15" text-anchor="{}">The technology starts</text>'
    ).format(BOTTOM, anchor, x=x)


def _ends(moments: Sequence[Row]) -> Iterator[Markup]:
    for at, anchor, one in ((LEFT, "start", moments[0]), (LEFT + WIDTH, "end", moments[-1])):
        yield Markup(
            '<text class="innohub-chart__tick" x="{}%" y="{}" text-anchor="{}">{}</text>'
        ).format(at, BOTTOM + 22, anchor, named(one["on"]))
