"""Effects against how exactly each was measured: a funnel plot as an SVG that fits any width.

Without selection, small trials scatter evenly on both sides of the pooled effect; where one side is
empty, trials may have been hidden (Sterne and others 2011, BMJ 343:d4002, who ask for 10 or more).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from innohub.market.evidence.synthesis.scale import REACH
from innohub.web.charts import RATIO_SCALES, Axis, framed, scale_at, sides

FEWEST = 10
"""Trials; with fewer, chance alone makes a funnel lopsided."""
Z = REACH / 2
TOP, BOTTOM, FOOT = 30, 240, 44

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Funnel:
    """One indicator's trials: effects on the pooled scale, and their standard errors on that scale
    or, for ratios, on its logarithm."""

    scale: str
    pooled: float
    effects: Sequence[float]
    errors: Sequence[float]

    @classmethod
    def of(cls, row: Row, trials: Sequence[Row]) -> "Funnel":
        ratios = row["scale"] in RATIO_SCALES
        errors = [(_on(ratios, t["upper"]) - _on(ratios, t["lower"])) / REACH for t in trials]
        return cls(row["scale"], row["effect"], [t["effect"] for t in trials], errors)

    @property
    def ratios(self) -> bool:
        return self.scale in RATIO_SCALES

    @property
    def widest(self) -> float:
        return max(self.errors) * 1.05

    @property
    def limits(self) -> tuple[float, float]:
        """Where 95 of 100 trials of the least exactness would lie by chance alone."""
        reach = Z * self.widest
        middle = _on(self.ratios, self.pooled)
        return _off(self.ratios, middle - reach), _off(self.ratios, middle + reach)

    @property
    def outside(self) -> tuple[int, int]:
        """How many trials lie outside of the funnel, below and above the pooled effect."""
        middle = _on(self.ratios, self.pooled)
        away = [
            (_on(self.ratios, effect) - middle) / (Z * error)
            for effect, error in zip(self.effects, self.errors, strict=True)
        ]
        return sum(one < -1 for one in away), sum(one > 1 for one in away)

    @property
    def told(self) -> str:
        lower, higher = self.outside
        return (
            f"{len(self.effects)} trials by how exactly each was measured. By chance alone about "
            f"1 in 20 lies outside of the funnel: here {lower} lie on the lower side and {higher} "
            "on the higher side."
        )


def funnel_chart(measure: str, funnel: Funnel, protocol: Row) -> Markup:
    """The picture; empty for fewer than ten trials."""
    if len(funnel.effects) < FEWEST:
        return Markup("")
    ends = [*funnel.effects, *funnel.limits]
    axis = Axis.around(ends, ratios=funnel.ratios)
    top, low, high = (axis.place(value) for value in (funnel.pooled, *funnel.limits))
    parts = [
        sides(protocol),
        *(
            Markup('<line class="innohub-funnel__limit" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
                top, end, TOP, BOTTOM
            )
            for end in (low, high)
        ),
        Markup('<line class="innohub-chart__important" x1="{x}" x2="{x}" y1="{}" y2="{}"/>').format(
            TOP, BOTTOM, x=top
        ),
        *(
            Markup('<circle class="innohub-chart__effect" cx="{}" cy="{:.1f}" r="5"/>').format(
                axis.place(effect), TOP + (BOTTOM - TOP) * error / funnel.widest
            )
            for effect, error in zip(funnel.effects, funnel.errors, strict=True)
        ),
        *scale_at(axis, BOTTOM, funnel.scale, protocol),
    ]
    return framed(f"{measure}. {funnel.told}", BOTTOM + FOOT, parts, "innohub-funnel")


def _on(ratios: bool, value: float) -> float:
    return math.log(value) if ratios else value


def _off(ratios: bool, value: float) -> float:
    return math.exp(value) if ratios else value
