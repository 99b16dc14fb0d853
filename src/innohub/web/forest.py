"""Several effects on one axis, each with its 95% interval: a forest plot as an SVG of any width."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from innohub.web.charts import LEFT, RATIO_SCALES, Axis, effect_words, framed, scale_at, sides

TOP = 24
ROW = 54
FOOT = 34


@dataclass(frozen=True)
class Line:
    """One effect: whose, where, and the result with its pilot and protocol."""

    name: str
    where: str
    result: Mapping[str, Any]
    weight: float = 0.3
    """Its share of a pooled effect, 0 to 1: its dot's area; without one, all dots are alike."""

    @property
    def protocol(self) -> Mapping[str, Any] | None:
        return self.result["pilot"]["protocol"]  # type: ignore[no-any-return]

    def __str__(self) -> str:
        return f"{self.name}, {self.where}: {effect_words(self.result, self.protocol)}"


@dataclass(frozen=True)
class Summary:
    """The pooled effect of the lines above it, and where the next site's is expected."""

    line: Line
    predicted: tuple[float, float] | None = None


def forest_chart(measure: str, lines: Sequence[Line], summary: Summary | None = None) -> Markup:
    """The effects on `measure`, which all have one scale and one direction; empty without any."""
    if not lines:
        return Markup("")
    first = lines[0]
    ratios = first.result["scale"] in RATIO_SCALES
    none = 1.0 if ratios else 0.0
    drawn = [*lines, *([summary.line] if summary else [])]
    ends = [line.result[end] for line in drawn for end in ("lower", "upper")]
    if summary and summary.predicted:
        ends += summary.predicted
    axis = Axis.around([*ends, none], ratios=ratios)
    bottom = TOP + ROW * len(drawn)
    parts = [
        sides(first.protocol),
        Markup('<line class="innohub-chart__none" x1="{x}" x2="{x}" y1="{y}" y2="{z}"/>').format(
            x=axis.place(none), y=TOP, z=bottom
        ),
        *(_line(axis, line, TOP + place * ROW) for place, line in enumerate(lines)),
        _summary(axis, summary, TOP + len(lines) * ROW) if summary else Markup(""),
        *scale_at(axis, bottom, first.result["scale"], first.protocol),
    ]
    return framed(_told(measure, drawn), bottom + FOOT, parts, "innohub-forest")


def _line(axis: Axis, line: Line, y: int) -> Markup:
    start, end = axis.place(line.result["lower"]), axis.place(line.result["upper"])
    middle = y + 38
    return Markup(
        '<text class="innohub-forest__name" x="{left}%" y="{text}">{name}'
        '<tspan class="innohub-chart__side" dx="6">{where}</tspan></text>'
        '<line class="innohub-chart__interval" x1="{start}" x2="{end}" y1="{y}" y2="{y}"/>'
        '<line class="innohub-chart__interval" x1="{start}" x2="{start}" y1="{up}" y2="{down}"/>'
        '<line class="innohub-chart__interval" x1="{end}" x2="{end}" y1="{up}" y2="{down}"/>'
        '<circle class="innohub-chart__effect" cx="{at}" cy="{y}" r="{radius:.1f}"/>'
    ).format(
        radius=math.sqrt(120 * line.weight),
        left=LEFT,
        text=y + 20,
        name=line.name,
        where=line.where,
        start=start,
        end=end,
        y=middle,
        up=middle - 7,
        down=middle + 7,
        at=axis.place(line.result["effect"]),
    )


def _summary(axis: Axis, summary: Summary, y: int) -> Markup:
    """A broad bar, in the place of the diamond of printed forest plots: places are per cent."""
    line, middle = summary.line, y + 38
    parts = Markup("")
    if summary.predicted:
        start, end = (axis.place(value) for value in summary.predicted)
        parts += Markup(
            '<line class="innohub-forest__predicted" x1="{}" x2="{}" y1="{y}" y2="{y}"/>'
        ).format(start, end, y=middle)
    return parts + Markup(
        '<text class="innohub-forest__name" x="{left}%" y="{text}">{name}'
        '<tspan class="innohub-chart__side" dx="6">{where}</tspan></text>'
        '<line class="innohub-forest__pooled" x1="{start}" x2="{end}" y1="{y}" y2="{y}"/>'
        '<circle class="innohub-forest__centre" cx="{at}" cy="{y}" r="4"/>'
    ).format(
        left=LEFT,
        text=y + 20,
        name=line.name,
        where=line.where,
        start=axis.place(line.result["lower"]),
        end=axis.place(line.result["upper"]),
        at=axis.place(line.result["effect"]),
        y=middle,
    )


def _told(measure: str, lines: Sequence[Line]) -> str:
    return f"{measure}. " + ". ".join(str(line) for line in lines) + "."
