"""One scale for many trials of one indicator, on which their effects can be pooled.

As the vocabulary's `meta_analysis` has it: the logarithm of the risk ratio for proportions, of the
rate ratio for rates, the mean difference for means in one unit, else Hedges g. Signs are turned so
that favourable is positive.
"""

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import NormalDist
from typing import Any

from innohub.market.evidence.estimators.result import (
    CONFIDENCE,
    HIGHER_IS_BETTER,
    LOWER_IS_BETTER,
    minimum_on_scale,
)
from innohub.market.evidence.estimators.trial import KpiType

REACH = 2 * NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
"""An interval's width in standard errors. The intervals of small trials are Student's and wider:
their standard errors come out a little too large, which gives them too little weight, never too
much."""


class CommonScale(StrEnum):
    RISK_RATIO = "risk_ratio"
    RATE_RATIO = "rate_ratio"
    MEAN_DIFFERENCE = "mean_difference"
    HEDGES_G = "hedges_g"


RATIOS = {CommonScale.RISK_RATIO, CommonScale.RATE_RATIO}


@dataclass(frozen=True)
class Trial:
    """A pilot's newest published result, with what its locked protocol says of the indicator."""

    result_id: int
    name: str
    place: Hashable
    """Where it ran: of two trials in one place, one is pooled."""
    kpi_type: KpiType
    direction: str
    unit: str
    grade: int
    independent: bool
    """Neither the force that uses it nor the supplier measured the effect."""
    scale: str
    effect: float
    lower: float
    upper: float
    baseline: float | None
    """The indicator before: of a proportion, a fraction. None where none was registered."""
    minimum: float | None
    """The registered minimum important effect, as on the protocol."""
    secondary: Mapping[str, Any] = field(default_factory=dict)
    role: str = "primary"
    """What the indicator was in the trial."""
    analyst_supplied: bool = False
    """Whether the analysts estimated the effect, and not the hub."""


@dataclass(frozen=True)
class Placed:
    """An effect on the common scale, favourable positive, with its standard error.

    `minimum` is the minimum important effect on the same scale; None where there is none.
    """

    trial: Trial
    effect: float
    standard_error: float
    minimum: float | None


class Unplaced(Exception):
    """A trial that cannot stand on the scale; says why, in a sentence for the reader."""


def common_scale(trials: Iterable[Trial]) -> CommonScale:
    """The scale for trials of one indicator."""
    held = list(trials)
    match held[0].kpi_type:
        case KpiType.PROPORTION:
            return CommonScale.RISK_RATIO
        case KpiType.COUNT_RATE:
            return CommonScale.RATE_RATIO
    alike = len({trial.unit.strip().casefold() for trial in held}) == 1
    return CommonScale.MEAN_DIFFERENCE if alike else CommonScale.HEDGES_G


def placed(trial: Trial, scale: CommonScale) -> Placed:
    """The trial's effect on the scale. Raises Unplaced."""
    if trial.direction not in (HIGHER_IS_BETTER, LOWER_IS_BETTER):
        raise Unplaced("It aims at a target band, so that no effect is the better for its size.")
    effect, lower, upper = _measured(trial, scale)
    if scale in RATIOS:
        if lower <= 0:
            raise Unplaced("Its ratio begins at 0, which has no logarithm.")
        effect, lower, upper = math.log(effect), math.log(lower), math.log(upper)
    if upper <= lower:
        raise Unplaced("Its interval has no width, so that no weight follows from it.")
    sign = 1 if trial.direction == HIGHER_IS_BETTER else -1
    return Placed(trial, sign * effect, (upper - lower) / REACH, _minimum(trial, scale))


def shown(value: float, scale: CommonScale, direction: str) -> float:
    """From the scale of pooling to the one that people read: a ratio, or a difference as it is."""
    plain = value if direction == HIGHER_IS_BETTER else -value
    return math.exp(plain) if scale in RATIOS else plain


def _measured(trial: Trial, scale: CommonScale) -> tuple[float, float, float]:
    own = {
        CommonScale.RATE_RATIO: ("rate_ratio", "relative_incident_rate_ratio"),
        CommonScale.MEAN_DIFFERENCE: ("mean_difference", "difference_in_differences"),
    }
    if trial.scale in own.get(scale, ()):
        return trial.effect, trial.lower, trial.upper
    found = trial.secondary.get(scale)
    if found is None:
        name = {"risk_ratio": "a risk ratio", "hedges_g": "Hedges g"}.get(scale, f"a {scale}")
        raise Unplaced(f"Its design gives no {name.removeprefix('a ')}: it stands by itself.")
    return found["value"], found["lower"], found["upper"]


def _minimum(trial: Trial, scale: CommonScale) -> float | None:
    minimum, before = trial.minimum, trial.baseline
    if minimum is None:
        return None
    rises = trial.direction == HIGHER_IS_BETTER
    match scale:
        case CommonScale.RISK_RATIO:
            if before is None:
                return None
            # So many points of a proportion, as a share of where it stood.
            after = before + minimum if rises else before - minimum
            return abs(math.log(after / before)) if before > 0 and after > 0 else None
        case CommonScale.HEDGES_G:
            g = trial.secondary[scale]["value"]
            return minimum * abs(g / trial.effect) if trial.effect and g else None
    return minimum_on_scale(minimum, trial.kpi_type, trial.direction)
