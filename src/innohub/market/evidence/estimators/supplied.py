"""Estimates that the analysts found with a model of their own, for designs that totals cannot
answer: taken as they are, labelled, and judged by the same rules."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from innohub.errors import Invalid, Problem
from innohub.market.evidence.estimators.result import (
    CONFIDENCE,
    Estimate,
    Measure,
    Method,
    Scale,
)
from innohub.market.evidence.estimators.trial import KpiType, kpi_type_of

LARGEST = 1e12
SUPPLIED = (
    "Analyst-supplied: the hub did not compute this estimate and applied the same rules to it. "
    "Method: {method}. Code: {code}."
)


class SuppliedScale(StrEnum):
    """What an analyst's estimate may be measured on."""

    RISK_DIFFERENCE = "risk_difference"
    RATE_RATIO = "rate_ratio"
    LOG_RATE_RATIO = "log_rate_ratio"
    MEAN_DIFFERENCE = "mean_difference"


SCALES = {
    KpiType.PROPORTION: (SuppliedScale.RISK_DIFFERENCE,),
    KpiType.COUNT_RATE: (SuppliedScale.RATE_RATIO, SuppliedScale.LOG_RATE_RATIO),
    KpiType.MEAN: (SuppliedScale.MEAN_DIFFERENCE,),
}


@dataclass(frozen=True)
class Supplied:
    """One estimate with its standard error or its 95% interval, as entered.

    `estimate`, `lower` and `upper` are on `scale`; the standard error of a rate ratio is of its
    logarithm. Raises Invalid with a problem for each breach, `field` naming the number.
    """

    kpi_type: KpiType
    scale: str
    estimate: float
    n: int
    method: str
    code_reference: str
    standard_error: float | None = None
    lower: float | None = None
    upper: float | None = None

    def __post_init__(self) -> None:
        if problems := list(filter(None, (self._of_scale(), self._of_size(), self._of_spread()))):
            raise Invalid(problems[0].message, field=problems[0].field, problems=problems)

    @classmethod
    def of_row(cls, row: Mapping[str, Any], kpi_type: str) -> "Supplied":
        """As `rows` stored it."""
        return cls(kpi_type=kpi_type_of(kpi_type), **row)

    def rows(self) -> list[dict[str, Any]]:
        """Ready for JSON; `of_row` reads it back."""
        told = asdict(self)
        del told["kpi_type"]
        return [{name: value for name, value in told.items() if value is not None}]

    @property
    def logarithms(self) -> tuple[float, float, float]:
        """The estimate and its interval on the scale of analysis: logarithms for rates."""
        logs = self.scale == SuppliedScale.RATE_RATIO
        effect = math.log(self.estimate) if logs else self.estimate
        if self.lower is not None and self.upper is not None:
            ends = self.lower, self.upper
            lower, upper = (math.log(end) for end in ends) if logs else ends
            return effect, lower, upper
        half = _reach() * (self.standard_error or 0.0)
        return effect, effect - half, effect + half

    def _of_scale(self) -> Problem | None:
        allowed = SCALES[self.kpi_type]
        if self.scale in allowed:
            return None
        words = " or ".join(name.replace("_", " ") for name in allowed)
        kind = self.kpi_type.replace("_", " ")
        return Problem(f"The effect on a {kind} is measured as a {words}.", "scale")

    def _of_size(self) -> Problem | None:
        given = [self.estimate, self.lower, self.upper, self.standard_error]
        if not all(value is None or abs(value) <= LARGEST for value in given):
            return Problem("The numbers must be finite and no larger than a trillion.", "estimate")
        if self.scale == SuppliedScale.RISK_DIFFERENCE and abs(self.estimate) > 1:
            return Problem("A difference of shares is a fraction: 0.05 is 5 points.", "estimate")
        least = min(value for value in (self.estimate, self.lower, self.upper) if value is not None)
        if self.scale == SuppliedScale.RATE_RATIO and least <= 0:
            return Problem("A ratio and its interval are more than 0.", "estimate")
        if self.n < 2:
            return Problem("An estimate takes 2 units or more.", "n")
        return None

    def _of_spread(self) -> Problem | None:
        ends = (self.lower, self.upper)
        if (self.standard_error is None) == (ends == (None, None)):
            return Problem("Give the standard error or the 95% interval.", "standard_error")
        if self.standard_error is not None:
            if self.standard_error > 0:
                return None
            return Problem("The standard error must be more than 0.", "standard_error")
        if self.lower is None or self.upper is None:
            return Problem("Give both ends of the interval.", "upper" if self.lower else "lower")
        if self.lower < self.upper and self.lower <= self.estimate <= self.upper:
            return None
        return Problem("The estimate must lie in its interval, the lower end first.", "lower")


def estimate(supplied: Supplied) -> Estimate:
    """The estimate as the engine's own leave it: normal interval, two-sided p. Raises Invalid for
    one too extreme for a finite answer."""
    from scipy.stats import norm

    effect, lower, upper = supplied.logarithms
    error = (upper - lower) / (2 * _reach())
    if error <= 0:
        raise Invalid("The interval has no width beside the estimate.", field="standard_error")
    counts = supplied.kpi_type is KpiType.COUNT_RATE
    name = SuppliedScale.RATE_RATIO if counts else supplied.scale
    try:
        shown = [math.exp(end) if counts else end for end in (effect, lower, upper)]
    except OverflowError:
        shown = [math.inf] * 3
    return Estimate(
        effect=effect,
        lower=lower,
        upper=upper,
        p_value=float(2 * norm.sf(abs(effect) / error)),
        n=supplied.n,
        events=None,
        scale=Scale.LOG_RATE_RATIO if counts else Scale(supplied.scale),
        method=Method.ANALYST_SUPPLIED,
        display=Measure(str(name), *shown),
        notes=(SUPPLIED.format(method=supplied.method, code=supplied.code_reference),),
    )


def _reach() -> float:
    """Half an interval's width in standard errors."""
    from scipy.stats import norm

    return float(norm.isf((1 - CONFIDENCE) / 2))
