"""Pictures of numbers: an effect with its 95% interval, as an SVG that fits any width.

Places along the picture are per cent of its width and letters keep their size, so that a telephone
shows the same picture as a desk. Colours are the style sheet's.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from innohub.market.evidence.finding import per_exposure

RATIO_SCALES = frozenset({"rate_ratio", "relative_incident_rate_ratio", "risk_ratio"})
LEVELS = frozenset({"rate", "mean", "proportion"})
"""Scales of results that compare with nothing."""
HEIGHT, FOOT = 96, 66
LEFT, WIDTH = 3.0, 94.0
"""Where the axis begins and how much it takes, per cent of the picture's width."""
RATIOS = (0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20)
TICKS = 4
APART = 0.28
"""The least share of the axis between two ticks."""


@dataclass(frozen=True)
class Axis:
    """From values on the result's scale to places in the picture; ratios by their logarithms."""

    start: float
    end: float
    ratios: bool

    @classmethod
    def around(cls, shown: list[float], *, ratios: bool) -> "Axis":
        """Has room for all of `shown`, and some beside."""
        places = [math.log(value) for value in shown] if ratios else shown
        room = 0.12 * (max(places) - min(places)) or 1.0
        return cls(min(places) - room, max(places) + room, ratios)

    def share(self, value: float) -> float:
        place = math.log(value) if self.ratios else value
        return (place - self.start) / (self.end - self.start)

    def place(self, value: float) -> str:
        return f"{LEFT + WIDTH * self.share(value):.2f}%"


def interval_chart(result: Mapping[str, Any], protocol: Mapping[str, Any] | None = None) -> Markup:
    """The picture of one result; empty for a result that compares with nothing.

    `result` has scale, effect, lower, upper and finding; `protocol`, where the reader may see it,
    direction, kpiType, unit and minimumImportantEffect. The finding is the picture's text.
    """
    if result["scale"] in LEVELS:
        return Markup("")
    ratios = result["scale"] in RATIO_SCALES
    none = 1.0 if ratios else 0.0
    important = _important(ratios, protocol)
    ends = [result["lower"], result["upper"], none]
    axis = Axis.around([*ends, *([] if important is None else [important])], ratios=ratios)
    parts = [
        sides(protocol),
        _line(axis, none, "innohub-chart__none"),
        Markup("") if important is None else _line(axis, important, "innohub-chart__important"),
        _interval(axis, result),
        *scale_at(axis, FOOT, result["scale"], protocol),
    ]
    return framed(result["finding"], HEIGHT, parts)


def effect_words(result: Mapping[str, Any], protocol: Mapping[str, Any] | None = None) -> str:
    """ "52% lower (79% lower to 11% higher)"; of a result that compares with nothing, its value."""
    effect, *ends = (
        _amount(result[name], result["scale"], protocol) for name in ("effect", "lower", "upper")
    )
    first, last = ends
    if first.way == last.way:
        near, far = (last, first) if first.way == "lower" else (first, last)
        return f"{effect} ({near.size} to {far.size})"
    return f"{effect} ({first} to {last})"


@dataclass(frozen=True)
class Amount:
    """A size and which way it goes: "lower", "higher", or nothing for a value by itself."""

    size: str
    unit: str = ""
    way: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.size, self.unit, self.way) if part)


def _amount(value: float, scale: str, protocol: Mapping[str, Any] | None) -> Amount:
    unit = protocol["unit"] if protocol else ""
    if scale == "proportion":
        return Amount(f"{value:.1%}")
    if scale in LEVELS:
        # A rate is stored for one unit of exposure, and told for as many as its unit names.
        told = value * per_exposure(unit) if scale == "rate" else value
        return Amount(f"{told:,.3g}", unit)
    if scale in RATIO_SCALES:
        if value >= 2:
            return Amount(f"{value:,.1f}", "times", "as high")
        return Amount(f"{abs(value - 1):.0%}", "", "lower" if value < 1 else "higher")
    way = "lower" if value < 0 else "higher"
    if _is_share(scale, protocol):
        return Amount(f"{abs(value) * 100:.1f}", "points", way)
    if unit == "GBP":
        return Amount(f"£{abs(value):,.2f}", "", way)
    return Amount(f"{abs(value):,.3g}", unit, way)


def _is_share(scale: str, protocol: Mapping[str, Any] | None) -> bool:
    """Whether an effect is a difference of shares, which is told in percentage points."""
    if scale == "difference_in_differences":
        return bool(protocol and protocol["kpiType"] == "proportion")
    return scale == "risk_difference"


def sides(protocol: Mapping[str, Any] | None) -> Markup:
    """Which way is better, at the top of a picture."""
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
    cap = Markup('<line class="innohub-chart__interval" x1="{x}" x2="{x}" y1="36" y2="52"/>')
    caps = cap.format(x=start) + cap.format(x=end)
    return Markup(
        '<line class="innohub-chart__interval" x1="{}" x2="{}" y1="44" y2="44"/>{}'
        '<circle class="innohub-chart__effect" cx="{}" cy="44" r="7"/>'
    ).format(start, end, caps, axis.place(result["effect"]))


def scale_at(
    axis: Axis, bottom: int, scale: str, protocol: Mapping[str, Any] | None
) -> Iterator[Markup]:
    """The line at the foot of a picture, and the words along it."""
    yield Markup('<line class="innohub-chart__axis" x1="{}%" x2="{}%" y1="{y}" y2="{y}"/>').format(
        LEFT, LEFT + WIDTH, y=bottom
    )
    for value, text in ticks(axis, scale, protocol):
        yield _tick(axis, value, text, bottom)


def framed(told: str, height: int, parts: Iterable[Markup], kind: str = "") -> Markup:
    """The picture: `told` is its text, `kind` a class of its own beside the common one."""
    return Markup(
        '<svg class="innohub-chart{}" role="img" aria-label="{}" width="100%" height="{}" '
        'xmlns="http://www.w3.org/2000/svg" focusable="false">{}</svg>'
    ).format(f" {kind}" if kind else "", told, height, Markup("").join(parts))


def _tick(axis: Axis, value: float, text: str, bottom: int) -> Markup:
    share = axis.share(value)
    anchor = "start" if share < 0.15 else "end" if share > 0.85 else "middle"
    return Markup(
        '<line class="innohub-chart__axis" x1="{x}" x2="{x}" y1="{y}" y2="{down}"/>'
        '<text class="innohub-chart__tick" x="{x}" y="{words}" text-anchor="{anchor}">{text}</text>'
    ).format(
        x=axis.place(value), y=bottom, down=bottom + 6, words=bottom + 23, anchor=anchor, text=text
    )


def ticks(axis: Axis, scale: str, protocol: Mapping[str, Any] | None) -> list[tuple[float, str]]:
    """Values along the axis with their words."""
    if axis.ratios:
        return _thinned(axis, [(r, _ratio(r)) for r in RATIOS if 0 <= axis.share(r) <= 1], 1.0)
    unit = protocol["unit"] if protocol else ""
    shares = _is_share(scale, protocol)
    found = [(v, _difference(v, unit, shares)) for v in _round_values(axis)]
    return _thinned(axis, found, 0.0)


def _thinned(axis: Axis, found: list[tuple[float, str]], none: float) -> list[tuple[float, str]]:
    """No two closer than their words are wide on a telephone; the place of no difference stays."""
    kept: list[tuple[float, str]] = []
    for value, text in sorted(found, key=lambda tick: abs(axis.share(tick[0]) - axis.share(none))):
        if all(abs(axis.share(value) - axis.share(other)) >= APART for other, _ in kept):
            kept.append((value, text))
    return kept


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


def _difference(value: float, unit: str, shares: bool) -> str:
    if value == 0:
        return "no difference"
    sign = "+" if value > 0 else "\u2212"
    if shares:
        return f"{sign}{abs(value) * 100:g} points"
    return f"{sign}£{abs(value):,g}" if unit == "GBP" else f"{sign}{abs(value):,g}"


def _important(ratios: bool, protocol: Mapping[str, Any] | None) -> float | None:
    """The registered minimum important effect on the result's scale, on the favourable side."""
    if protocol is None:
        return None
    smallest: float = protocol["minimumImportantEffect"]
    change = smallest if protocol["direction"] == "HIGHER_IS_BETTER" else -smallest
    return 1 + change if ratios else change
