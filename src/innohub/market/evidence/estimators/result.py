"""An effect as it leaves the engine: on the scale of its analysis, and as people read it."""

import math
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from innohub.errors import Invalid
from innohub.market.evidence.estimators.trial import KpiType, Period

CONFIDENCE = 0.95
HIGHER_IS_BETTER = "higher_is_better"
LOWER_IS_BETTER = "lower_is_better"


class Scale(StrEnum):
    LEVEL = "level"
    """No effect at all: the value after, for a design that compares with nothing."""
    RISK_DIFFERENCE = "risk_difference"
    LOG_RATE_RATIO = "log_rate_ratio"
    MEAN_DIFFERENCE = "mean_difference"


class Method(StrEnum):
    DESCRIPTIVE = "descriptive"
    NEWCOMBE_WILSON = "newcombe_wilson"
    DID_NEWCOMBE_WILSON = "did_newcombe_wilson"
    LOG_WALD = "log_wald"
    RIRR_LOG_WALD = "rirr_log_wald"
    WELCH_T = "welch_t"
    PAIRED_T = "paired_t"
    DID_WELCH_T = "did_welch_t"
    ITS_NEWEY_WEST = "its_newey_west"
    ITS_CONTROL_NEWEY_WEST = "its_control_newey_west"
    ANALYST_SUPPLIED = "analyst_supplied"


SOURCES: dict[Method, str] = {
    Method.DESCRIPTIVE: "Wilson 1927 (proportions), Garwood 1936 (rates), Student 1908 (means)",
    Method.NEWCOMBE_WILSON: "Newcombe 1998, Stat Med 17:873-890, method 10; pooled z test",
    Method.DID_NEWCOMBE_WILSON: "Zou, Huang and Zhang 2009, Comput Stat Data Anal 53:1080-1085; "
    "test by Price and Bonett 2004, Comput Stat Data Anal 45:449-456",
    Method.LOG_WALD: "Gu, Ng, Tang and Schucany 2008, Biom J 50:283-298, method W3",
    Method.RIRR_LOG_WALD: "Wilson 2021, J Quant Criminol 38:323-341; "
    "Wheeler and Ratcliffe 2018, Crime Science 7:11",
    Method.WELCH_T: "Welch 1947, Biometrika 34:28-35",
    Method.PAIRED_T: "Student 1908, Biometrika 6:1-25; "
    "spread of the change by the Cochrane Handbook, 6.5.2.8",
    Method.DID_WELCH_T: "Satterthwaite 1946, Biometrics Bulletin 2:110-114",
    Method.ITS_NEWEY_WEST: "Segmented regression: Wagner, Soumerai, Zhang and Ross-Degnan 2002, "
    "J Clin Pharm Ther 27:299-309; errors by Newey and West 1987, Econometrica 55:703-708",
    Method.ITS_CONTROL_NEWEY_WEST: "Segmented regression of the difference from a comparison "
    "series: Lopez Bernal, Cummins and Gasparrini 2018, Int J Epidemiol 47:2082-2093; errors by "
    "Newey and West 1987, Econometrica 55:703-708",
    Method.ANALYST_SUPPLIED: "Supplied by the analysts, not computed by the hub: the notes name "
    "their method and their code",
}


@dataclass(frozen=True)
class Measure:
    """A named number with its 95% interval. Raises Invalid when one of them is not finite."""

    name: str
    value: float
    lower: float
    upper: float

    def __post_init__(self) -> None:
        _refuse_infinite(self.value, self.lower, self.upper)


@dataclass(frozen=True)
class Moment:
    """One stretch of a series, on the scale people read: what was counted, what the model makes of
    it, and what it would have been with no technology. Raises Invalid when one is not finite.

    `counterfactual` before the start is the fitted line itself.
    """

    on: date
    period: Period
    observed: float
    comparison: float | None
    fitted: float
    counterfactual: float

    def __post_init__(self) -> None:
        _refuse_infinite(self.observed, self.comparison or 0.0, self.fitted, self.counterfactual)


@dataclass(frozen=True)
class Estimate:
    """One effect, its 95% interval and what stands beside it; `lower <= effect <= upper`.

    `effect` is on `scale` (logarithms for rate ratios); `display` is the same on the scale people
    read. `n` counts the units analysed: for rates the exposure, to the nearest whole unit.
    `p_value` is two-sided, None where nothing is compared. `notes` are sentences for the reader.
    `series` is there for the designs over time, the first moment first.
    Raises Invalid when a number is not finite.
    """

    effect: float
    lower: float
    upper: float
    p_value: float | None
    n: int
    events: int | None
    scale: Scale
    method: Method
    display: Measure
    also: tuple[Measure, ...] = ()
    notes: tuple[str, ...] = ()
    series: tuple[Moment, ...] = ()

    def __post_init__(self) -> None:
        _refuse_infinite(self.effect, self.lower, self.upper, self.p_value or 0.0)
        # Rounding in the last digit must not leave the effect outside its own interval.
        object.__setattr__(self, "lower", min(self.lower, self.effect))
        object.__setattr__(self, "upper", max(self.upper, self.effect))


@dataclass(frozen=True)
class Assumptions:
    """What totals cannot tell and an analyst may know. Raises Invalid when out of range.

    `overdispersion`: variance of the counts over their mean, phi, from the period before.
    `design_effect`: how much clustering inflates the variance of proportions and means.
    `before_after_correlation`: of one unit's values before and after, for means of the same units.
    """

    overdispersion: float | None = None
    design_effect: float | None = None
    before_after_correlation: float | None = None

    def __post_init__(self) -> None:
        for field in ("overdispersion", "design_effect"):
            value = getattr(self, field)
            if value is not None and not 1 <= value <= 1000:
                words = field.replace("_", " ").capitalize()
                raise Invalid(f"{words} must be between 1 and 1,000.", field=field)
        correlation = self.before_after_correlation
        if correlation is not None and not -0.99 <= correlation <= 0.99:
            raise Invalid(
                "The correlation must be between -0.99 and 0.99.", field="before_after_correlation"
            )


NONE_KNOWN = Assumptions()


class Favourable(NamedTuple):
    """An effect and its interval, signed so that favourable is positive."""

    effect: float
    lower: float
    upper: float


def favourable(estimate: Estimate, direction: str | None) -> Favourable | None:
    """Sign the effect by the KPI's registered direction.

    None where no sign means anything: nothing was compared, no direction was registered, or the
    KPI aims at a target band.
    """
    if estimate.scale is Scale.LEVEL:
        return None
    if direction == HIGHER_IS_BETTER:
        return Favourable(estimate.effect, estimate.lower, estimate.upper)
    if direction == LOWER_IS_BETTER:
        return Favourable(-estimate.effect, -estimate.upper, -estimate.lower)
    return None


def minimum_on_scale(minimum: float | None, kpi_type: str, direction: str | None) -> float | None:
    """The registered minimum important effect, on the scale of `favourable`; None stays None.

    As entered on the protocol: a proportion in percentage points as a fraction (0.05 is 5 points),
    a rate as a relative change (0.10 is 10%), a mean in its own unit. A fall of 10% is
    -ln(1 - 0.10) on the log scale, a rise of 10% is ln(1 + 0.10).
    Raises Invalid, field `minimum_important_effect`, when it is no possible effect.
    """
    if minimum is None:
        return None
    falls = direction != HIGHER_IS_BETTER
    limit = {KpiType.PROPORTION: 1.0, KpiType.COUNT_RATE: 1.0 if falls else 1e6}.get(
        KpiType(kpi_type), math.inf
    )
    whole_fall = kpi_type == KpiType.COUNT_RATE and falls and minimum == 1
    if not (math.isfinite(minimum) and 0 < minimum <= limit) or whole_fall:
        raise Invalid(
            "The minimum important effect must be more than 0, and no more than can happen: "
            "0.05 is 5 percentage points for a proportion and 5% for a rate.",
            field="minimum_important_effect",
        )
    if kpi_type != KpiType.COUNT_RATE:
        return minimum
    return -math.log1p(-minimum) if falls else math.log1p(minimum)


def _refuse_infinite(*numbers: float) -> None:
    if not all(math.isfinite(number) for number in numbers):
        raise Invalid(
            "These numbers are too extreme for a finite answer: check the counts and exposures."
        )
