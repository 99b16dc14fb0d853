"""Effects on means: differences, with degrees of freedom for unequal spreads."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from scipy.stats import norm, t
from statsmodels.stats.meta_analysis import effectsize_smd

from innohub.errors import Invalid
from innohub.market.evidence.estimators.design import (
    COMPARED,
    COMPARED_BEFORE,
    TREATED,
    TREATED_BEFORE,
    Contrast,
    Plan,
)
from innohub.market.evidence.estimators.result import (
    CONFIDENCE,
    Assumptions,
    Estimate,
    Measure,
    Method,
    Scale,
)
from innohub.market.evidence.estimators.trial import Key, Mean

Cells = Mapping[Key, Mean]

ASSUMED_INDEPENDENT = (
    "The periods are taken as different units. If the same units were measured twice, the interval "
    "is usually too wide: enter the correlation of their values."
)


class Part(NamedTuple):
    """One independent part of a contrast: its value, variance and degrees of freedom."""

    value: float
    variance: float
    freedom: float


def level(cell: Mean, assumptions: Assumptions) -> Measure:
    """The mean with Student's interval. Raises Invalid below two effective units."""
    n = _effective(cell.n, assumptions)
    half = float(t.isf((1 - CONFIDENCE) / 2, cell.n - 1)) * cell.sd / math.sqrt(n)
    return Measure("mean", cell.mean, cell.mean - half, cell.mean + half)


def estimate(cells: Cells, plan: Plan, assumptions: Assumptions) -> Estimate:
    """The mean difference of `plan`, in the KPI's unit.

    Raises Invalid when nothing varies in any group, or when a design effect leaves less than two
    effective units.
    """
    parts = _parts(cells, plan, assumptions)
    paired = plan.contrast is not Contrast.TWO_GROUPS and _correlated(assumptions)
    changes = plan.contrast is Contrast.DIFFERENCE
    name = "difference_in_differences" if changes else "mean_difference"
    display, p_value = _summed(name, parts)
    return Estimate(
        effect=display.value,
        lower=display.lower,
        upper=display.upper,
        p_value=p_value,
        n=sum(cells[key].n for key in plan.needed),
        events=None,
        scale=Scale.MEAN_DIFFERENCE,
        method=_method(plan, paired),
        display=display,
        also=_also(cells, plan, assumptions),
        notes=() if plan.contrast is Contrast.TWO_GROUPS or paired else (ASSUMED_INDEPENDENT,),
    )


def _parts(cells: Cells, plan: Plan, assumptions: Assumptions) -> list[Part]:
    if plan.contrast is Contrast.TWO_GROUPS:
        return [
            _part(1, cells[TREATED], assumptions),
            _part(-1, cells[COMPARED], assumptions),
        ]
    parts = _change(1, cells[TREATED], cells[TREATED_BEFORE], assumptions)
    if plan.contrast is Contrast.DIFFERENCE:
        parts += _change(-1, cells[COMPARED], cells[COMPARED_BEFORE], assumptions)
    return parts


def _change(sign: int, after: Mean, before: Mean, assumptions: Assumptions) -> list[Part]:
    """The change of one arm: of the same units where their correlation is known (the variance of
    a change, Cochrane Handbook 6.5.2.8), else of two independent samples.
    """
    correlation = assumptions.before_after_correlation
    if correlation is None:
        return [_part(sign, after, assumptions), _part(-sign, before, assumptions)]
    if after.n != before.n:
        raise Invalid(
            "A correlation between before and after needs the same units in both: "
            f"n is {before.n} before and {after.n} after.",
            field="before_after_correlation",
        )
    variance = after.sd**2 + before.sd**2 - 2 * correlation * after.sd * before.sd
    n = _effective(after.n, assumptions)
    return [Part(sign * (after.mean - before.mean), max(variance, 0.0) / n, n - 1)]


def _part(sign: int, cell: Mean, assumptions: Assumptions) -> Part:
    n = _effective(cell.n, assumptions)
    return Part(sign * cell.mean, cell.sd**2 / n, n - 1)


def _effective(n: int, assumptions: Assumptions) -> float:
    effective = n / (assumptions.design_effect or 1.0)
    if effective < 2:
        raise Invalid(
            f"A group of {n} with a design effect of {assumptions.design_effect:g} counts for "
            "less than two units: no interval can be computed.",
            field="design_effect",
        )
    return effective


def _summed(name: str, parts: list[Part]) -> tuple[Measure, float]:
    """Sum of the parts with its t interval and p, Welch-Satterthwaite degrees of freedom."""
    value = sum(part.value for part in parts)
    variance = sum(part.variance for part in parts)
    if variance == 0:
        raise Invalid(
            "Every standard deviation is 0: values that never vary give no interval.", field="sd"
        )
    freedom = variance**2 / sum(part.variance**2 / part.freedom for part in parts)
    error = math.sqrt(variance)
    lower, upper = t.interval(CONFIDENCE, freedom, loc=value, scale=error)
    p_value = float(2 * t.sf(abs(value) / error, freedom))
    return Measure(name, value, float(lower), float(upper)), p_value


def _also(cells: Cells, plan: Plan, assumptions: Assumptions) -> tuple[Measure, ...]:
    if plan.contrast is Contrast.DIFFERENCE:
        arms = {
            "treatment_change": _change(1, cells[TREATED], cells[TREATED_BEFORE], assumptions),
            "comparison_change": _change(1, cells[COMPARED], cells[COMPARED_BEFORE], assumptions),
        }
        # An arm that never varies has no interval of its own; the contrast still has one.
        varying = {name: parts for name, parts in arms.items() if any(p.variance for p in parts)}
        return tuple(_summed(name, parts)[0] for name, parts in varying.items())
    if plan.contrast is Contrast.BEFORE_AFTER and _correlated(assumptions):
        return ()
    reference = COMPARED if plan.contrast is Contrast.TWO_GROUPS else TREATED_BEFORE
    return (_hedges_g(cells[TREATED], cells[reference], assumptions),)


def _hedges_g(treated: Mean, compared: Mean, assumptions: Assumptions) -> Measure:
    """Standardised mean difference, corrected for small samples, with its normal interval."""
    value, variance = effectsize_smd(
        treated.mean,
        treated.sd,
        _effective(treated.n, assumptions),
        compared.mean,
        compared.sd,
        _effective(compared.n, assumptions),
    )
    half = float(norm.isf((1 - CONFIDENCE) / 2)) * math.sqrt(variance)
    return Measure("hedges_g", float(value), float(value) - half, float(value) + half)


def _method(plan: Plan, paired: bool) -> Method:
    if plan.contrast is Contrast.DIFFERENCE:
        return Method.DID_WELCH_T
    return Method.PAIRED_T if paired else Method.WELCH_T


def _correlated(assumptions: Assumptions) -> bool:
    return assumptions.before_after_correlation is not None
