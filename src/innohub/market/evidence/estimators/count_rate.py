"""Effects on rates of events: the ratio of rates, analysed on its logarithm."""

import math
from collections.abc import Mapping

import numpy as np
from scipy.stats import norm
from statsmodels.stats.rates import (
    confint_poisson,
    confint_poisson_2indep,
    test_poisson_2indep,
)

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
from innohub.market.evidence.estimators.trial import CountRate, Key

ALPHA = 1 - CONFIDENCE
Cells = Mapping[Key, CountRate]
Rate = tuple[float, float]
"""Events and exposure, both divided by the overdispersion: the rate stays, its variance grows."""

UNKNOWN_OVERDISPERSION = (
    "Overdispersion is unknown and taken as 1, as in a Poisson process: if events cluster in time, "
    "the interval is too narrow."
)
KNOWN_OVERDISPERSION = "Variances are multiplied by {:g}, the overdispersion that was registered."
EMPTY_CELL = (
    "A cell has no events: one event was shared within each pair of cells by their exposure, "
    "which draws the ratio towards no effect."
)


def level(cell: CountRate, assumptions: Assumptions) -> Measure:
    """Events for each unit of exposure, with the exact Poisson interval."""
    observed = _inflated(cell, assumptions.overdispersion or 1.0)
    lower, upper = confint_poisson(*observed, method="exact-c", alpha=ALPHA)
    return Measure("rate", cell.events / cell.exposure, float(lower), float(upper))


def estimate(cells: Cells, plan: Plan, assumptions: Assumptions) -> Estimate:
    """The log rate ratio of `plan`; `display` is the ratio itself.

    Variances are multiplied by the overdispersion phi, as in a quasi-Poisson model.
    """
    if plan.contrast is Contrast.DIFFERENCE:
        return _relative_incident_rate_ratio(cells, plan, assumptions)
    phi = assumptions.overdispersion or 1.0
    reference = COMPARED if plan.contrast is Contrast.TWO_GROUPS else TREATED_BEFORE
    observed = _inflated(cells[TREATED], phi), _inflated(cells[reference], phi)
    empty = any(events == 0 for events, _ in observed)
    treated, compared = _sharing_one(*observed, phi) if empty else observed
    ratio = _rate_ratio("rate_ratio", treated, compared)
    test = test_poisson_2indep(*treated, *compared, method="wald-log", compare="ratio")
    also = (_rate_difference(*observed),)
    notes = _notes(assumptions, empty)
    return _on_log_scale(
        ratio, float(test.pvalue), Method.LOG_WALD, _sizes(cells, plan), also, notes
    )


def _relative_incident_rate_ratio(cells: Cells, plan: Plan, assumptions: Assumptions) -> Estimate:
    """(T_after / T_before) / (C_after / C_before), as rates; log variance phi times the sum of
    1 / events (Wilson 2021). With equal exposures these are the plain counts of the paper.
    """
    phi = assumptions.overdispersion or 1.0
    arms = [
        (_inflated(cells[after], phi), _inflated(cells[before], phi))
        for after, before in [(TREATED, TREATED_BEFORE), (COMPARED, COMPARED_BEFORE)]
    ]
    empty = any(events == 0 for arm in arms for events, _ in arm)
    if empty:
        arms = [_sharing_one(*arm, phi) for arm in arms]
    logs = [math.log((a / x) / (b / y)) for (a, x), (b, y) in arms]
    effect = logs[0] - logs[1]
    error = math.sqrt(sum(1 / events for arm in arms for events, _ in arm))
    ends = norm.interval(CONFIDENCE, loc=effect, scale=error)
    ratio = Measure("relative_incident_rate_ratio", *(float(np.exp(x)) for x in (effect, *ends)))
    p_value = float(2 * norm.sf(abs(effect) / error))
    also = (
        *_weighted_displacement_difference(cells, phi),
        _rate_ratio("treatment_rate_ratio", *arms[0]),
        _rate_ratio("comparison_rate_ratio", *arms[1]),
    )
    notes = _notes(assumptions, empty)
    return _on_log_scale(ratio, p_value, Method.RIRR_LOG_WALD, _sizes(cells, plan), also, notes)


def _weighted_displacement_difference(cells: Cells, phi: float) -> tuple[Measure, ...]:
    """Events prevented (negative) or added: (T_after - T_before) - (C_after - C_before).

    The variance is the sum of the counts (Wheeler and Ratcliffe 2018). Where an arm's exposure
    differs between the periods, its count before is first scaled to the exposure after, and the
    variance with the square of that (Wheeler 2021, the test with different periods).
    Left out when no cell has an event: its interval would have no width.
    """
    value = variance = 0.0
    for weight, after, before in [(1, TREATED, TREATED_BEFORE), (-1, COMPARED, COMPARED_BEFORE)]:
        scale = cells[after].exposure / cells[before].exposure
        value += weight * (cells[after].events - scale * cells[before].events)
        variance += phi * (cells[after].events + scale**2 * cells[before].events)
    if variance == 0:
        return ()
    half = float(norm.isf(ALPHA / 2)) * math.sqrt(variance)
    return (Measure("weighted_displacement_difference", value, value - half, value + half),)


def _rate_ratio(name: str, treated: Rate, compared: Rate) -> Measure:
    lower, upper = confint_poisson_2indep(
        *treated, *compared, method="wald-log", compare="ratio", alpha=ALPHA
    )
    value = (treated[0] / treated[1]) / (compared[0] / compared[1])
    return Measure(name, value, float(lower), float(upper))


def _rate_difference(treated: Rate, compared: Rate) -> Measure:
    """Difference of the rates, interval recovered from two score intervals (finite at nought)."""
    lower, upper = confint_poisson_2indep(
        *treated, *compared, method="mover", compare="diff", alpha=ALPHA
    )
    value = treated[0] / treated[1] - compared[0] / compared[1]
    return Measure("rate_difference", value, float(lower), float(upper))


def _sharing_one(treated: Rate, compared: Rate, phi: float) -> tuple[Rate, Rate]:
    """One event shared in proportion to exposure (Sweeting, Sutton and Lambert 2004, Stat Med
    23:1351-1375): unlike a constant half, it favours neither side when exposures differ.
    """
    whole = treated[1] + compared[1]
    return (
        (treated[0] + treated[1] / whole / phi, treated[1]),
        (compared[0] + compared[1] / whole / phi, compared[1]),
    )


def _inflated(cell: CountRate, phi: float) -> Rate:
    return cell.events / phi, cell.exposure / phi


def _on_log_scale(
    ratio: Measure,
    p_value: float,
    method: Method,
    sizes: tuple[int, int],
    also: tuple[Measure, ...],
    notes: tuple[str, ...],
) -> Estimate:
    effect, lower, upper = (float(np.log(end)) for end in (ratio.value, ratio.lower, ratio.upper))
    return Estimate(
        effect=effect,
        lower=lower,
        upper=upper,
        p_value=p_value,
        n=sizes[0],
        events=sizes[1],
        scale=Scale.LOG_RATE_RATIO,
        method=method,
        display=ratio,
        also=also,
        notes=notes,
    )


def _notes(assumptions: Assumptions, empty: bool) -> tuple[str, ...]:
    phi = assumptions.overdispersion
    spread = UNKNOWN_OVERDISPERSION if phi is None else KNOWN_OVERDISPERSION.format(phi)
    return (spread, EMPTY_CELL) if empty else (spread,)


def _sizes(cells: Cells, plan: Plan) -> tuple[int, int]:
    """Exposure to the nearest whole unit, and events."""
    used = [cells[key] for key in plan.needed]
    exposure = sum(cell.exposure for cell in used)
    return max(1, round(exposure)), sum(cell.events for cell in used)
