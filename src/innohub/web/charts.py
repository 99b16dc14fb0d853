"""Pictures of numbers: an effect with its 95% interval, as an SVG that fits any width.

Places along the picture are per cent of its width and letters keep their size, so that a telephone
shows the same picture as a desk. Colours are the style sheet's.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

HEIGHT = 96
LEFT, WIDTH = 3.0, 94.0
"""Where the axis begins and how much it takes, per cent of the picture's width."""
RATIOS = (0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20)
TICKS = 4


@dataclass(frozen=True)
class Axis:
    """From values on the result's scale to places in the picture."""

    start: float
    end: float

    def place(self, value: float) -> str:
        share = (value - self.start) / (self.end - self.start)
        return f"{LEFT + WIDTH * min(max(share, 0.0), 1.0):.2f}%"


def interval_chart(result: Mapping[str, Any], protocol: Mapping[str, Any] | None = None) -> Markup:
    """The picture of one result; empty for a result that compares with nothing.

    `result` has scale, effect, lower, upper and finding; `protocol`, where the reader may see it,
    direction, unit and minimumImportantEffect. The finding is the picture's text.
    """
    if result["scale"] == "level":
        return Markup("")
    important = _important(result["scale"], protocol)
    shown = [result["lower"], result["upper"], 0.0, *([] if important is None else [important])]
    room = 0.12 * (max(shown) - min(shown)) or 1.0
    axis = Axis(min(shown) - room, max(shown) + room)
    unit = protocol["unit"] if protocol else ""
    parts = [
        _sides(protocol),
        _line(axis, 0.0, "innohub-chart__none"),
        Markup("") if important is None else _line(axis, important, "innohub-chart__important"),
        _interval(axis, result),
        *(_tick(axis, value, text) for value, text in _ticks(axis, result["scale"], unit)),
    ]
    return Markup(
        '<svg class="innohub-chart" role="img" aria-label="{}" width="100%" height="{}" '
        'xmlns="http://www.w3.org/2000/svg" focusable="false">{}</svg>'
    ).format(result["finding"], HEIGHT, Markup("").join(parts))


def _sides(protocol: Mapping[str, Any] | None) -> Markup:
    if protocol is None:
        return Markup("")
    lower, higher = "\u2190 Better", "Worse \u2192"
    if protocol["direction"] == "HIGHER_IS_BETTER":
        lower, higher = "\u2190 Worse", "Better \u2192"
    return Markup(
        '<text class="innohub-chart__side" x="{}%" y="14">{}</text>'
        '<text class="innohub-chart__side" x="{}%" y="14" text-anchor="end">{}</text>'
    ).format(LEFT, lower, LEFT + WIDTH, higher)


def _line(axis: Axis, value: float, kind: str) -> Markup:
    return Markup('<line class="{}" x1="{x}" x2="{x}" y1="22" y2="66"/>').format(
        kind, x=axis.place(value)
    )


def _interval(axis: Axis, result: Mapping[str, Any]) -> Markup:
    start, end = axis.place(result["lower"]), axis.place(result["upper"])
    caps = Markup("").join(
        Markup('<line class="innohub-chart__interval" x1="{x}" x2="{x}" y1="36" y2="52"/>').format(x=x)
        for x in (start, end)
    )
    return Markup(
        '<line class="innohub-chart__axis" x1="{}%" x2="{}%" y1="66" y2="66"/>'
        '<line class="innohub-chart__interval" x1="{}" x2="{}" y1="44" y2="44"/>{}'
        '<circle class="innohub-chart__effect" cx="{}" cy="44" r="7"/>'
    ).format(LEFT, LEFT + WIDTH, start, end, caps, axis.place(result["effect"]))


def _tick(axis: Axis, value: float, text: str) -> Markup:
    share = (value - axis.start) / (axis.end - axis.start)
    anchor = "start" if share < 0.15 else "end" if share > 0.85 else "middle"
    return Markup(
        '<line class="innohub-chart__axis" x1="{x}" x2="{x}" y1="66" y2="72"/>'
        '<text class="innohub-chart__tick" x="{x}" y="89" text-anchor="{anchor}">{text}</text>'
    ).format(x=axis.place(value), anchor=anchor, text=text)


def _ticks(axis: Axis, scale: str, unit: str) -> list[tuple[float, str]]:
    if scale == "log_rate_ratio":
        found = [(math.log(r), _ratio(r)) for r in RATIOS if axis.start <= math.log(r) <= axis.end]
    else:
        found = [(v, _difference(v, scale, unit)) for v in _round_values(axis)]
    return _thinned(found)


def _thinned(found: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Not more than a telephone has room for, and always the place of no difference."""
    if len(found) <= TICKS:
        return found
    step = math.ceil(len(found) / (TICKS - 1))
    zero = next((i for i, (value, _) in enumerate(found) if value == 0), 0)
    return [tick for i, tick in enumerate(found) if (i - zero) % step == 0]


def _round_values(axis: Axis) -> list[float]:
    rough = (axis.end - axis.start) / TICKS
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * by for by in (1, 2, 5, 10) if size * by >= rough)
    first = math.ceil(axis.start / step)
    return [i * step for i in range(first, math.floor(axis.end / step) + 1)]


def _ratio(ratio: float) -> str:
    if ratio == 1:
        return "no difference"
    if ratio < 1:
        return f"{1 - ratio:.0%} lower"
    return f"{ratio - 1:.0%} higher" if ratio < 2 else f"{ratio:g} times"


def _difference(value: float, scale: str, unit: str) -> str:
    if value == 0:
        return "no difference"
    sign = "+" if value > 0 else "\u2212"
    if scale == "risk_difference":
        return f"{sign}{abs(value) * 100:g} points"
    return f"{sign}£{abs(value):,g}" if unit == "GBP" else f"{sign}{abs(value):,g}"


def _important(scale: str, protocol: Mapping[str, Any] | None) -> float | None:
    """The registered minimum important effect on the result's scale, on the favourable side."""
    if protocol is None:
        return None
    smallest: float = protocol["minimumImportantEffect"]
    falls = protocol["direction"] != "HIGHER_IS_BETTER"
    if scale == "log_rate_ratio":
        return math.log1p(-min(smallest, 0.99)) if falls else math.log1p(smallest)
    return -smallest if falls else smallest
