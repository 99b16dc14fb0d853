"""Effects on proportions: the risk difference first, the ratios beside it."""

import math
from collections.abc import Mapping

from scipy.stats import norm
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    proportions_ztest,
)

from innohub.market.evidence.estimators.design import (
    CHANGE_AGAINST_CHANGE,
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
from innohub.market.evidence.estimators.trial import Key, Proportion

ALPHA = 1 - CONFIDENCE
Cells = Mapping[Key, Proportion]
Counts = tuple[float, float]
"""Events and units, divided by the design effect where there is one."""


def level(cell: Proportion, assumptions: Assumptions) -> Measure:
    """The proportion with its Wilson interval."""
    lower, upper = _wilson(_effective(cell, assumptions))
    return Measure("proportion", cell.events / cell.n, lower, upper)


def estimate(cells: Cells, plan: Plan, assumptions: Assumptions) -> Estimate:
    """The risk difference of `plan`, a fraction from -1 to 1 (-2 to 2 between changes)."""
    if plan.contrast is Contrast.DIFFERENCE:
        return _difference_in_differences(cells, plan, assumptions)
    reference = COMPARED if plan.contrast is Contrast.TWO_GROUPS else TREATED_BEFORE
    treated, compared = _counts(cells, TREATED, assumptions), _counts(cells, reference, assumptions)
    difference = _risk_difference("risk_difference", treated, compared)
    p_value, notes = _pooled_z(treated, compared)
    ratios, ratio_notes = _ratios(treated, compared)
    return Estimate(
        effect=difference.value,
        lower=difference.lower,
        upper=difference.upper,
        p_value=p_value,
        n=_units(cells, plan),
        events=_events(cells, plan),
        scale=Scale.RISK_DIFFERENCE,
        method=Method.NEWCOMBE_WILSON,
        display=difference,
        also=ratios,
        notes=(*notes, *_disagreement(difference, p_value), *ratio_notes),
    )


def _difference_in_differences(cells: Cells, plan: Plan, assumptions: Assumptions) -> Estimate:
    """The treatment arm's change less the comparison arm's, the four cells being independent.

    Interval: the variance is recovered from the four Wilson intervals, as Newcombe does for two
    (Zou, Huang and Zhang 2009). Test: Price and Bonett 2004, 0.5 events and 1 unit added to each
    of the four cells; both stay finite where a cell has no events.
    """
    signed = [(weight, _counts(cells, key, assumptions)) for weight, key in CHANGE_AGAINST_CHANGE]
    effect = sum(weight * events / n for weight, (events, n) in signed)
    below = above = 0.0
    for weight, (events, n) in signed:
        ends = [weight * end for end in _wilson((events, n))]
        below += (weight * events / n - min(ends)) ** 2
        above += (max(ends) - weight * events / n) ** 2
    lower, upper = max(-2.0, effect - math.sqrt(below)), min(2.0, effect + math.sqrt(above))
    display = Measure("difference_in_differences", effect, lower, upper)
    p_value = _price_bonett(signed)
    return Estimate(
        effect=effect,
        lower=lower,
        upper=upper,
        p_value=p_value,
        n=_units(cells, plan),
        events=_events(cells, plan),
        scale=Scale.RISK_DIFFERENCE,
        method=Method.DID_NEWCOMBE_WILSON,
        display=display,
        also=tuple(
            _risk_difference(
                name, _counts(cells, after, assumptions), _counts(cells, before, assumptions)
            )
            for name, after, before in [
                ("treatment_change", TREATED, TREATED_BEFORE),
                ("comparison_change", COMPARED, COMPARED_BEFORE),
            ]
        ),
        notes=_disagreement(display, p_value),
    )


def _price_bonett(signed: list[tuple[int, Counts]]) -> float:
    added = [(weight, (events + 0.5) / (n + 1), n + 1) for weight, (events, n) in signed]
    contrast = sum(weight * share for weight, share, _ in added)
    variance = sum(share * (1 - share) / n for _, share, n in added)
    return float(2 * norm.sf(abs(contrast) / math.sqrt(variance)))


def _risk_difference(name: str, treated: Counts, compared: Counts) -> Measure:
    lower, upper = confint_proportions_2indep(
        *treated, *compared, method="newcomb", compare="diff", alpha=ALPHA
    )
    value = treated[0] / treated[1] - compared[0] / compared[1]
    return Measure(name, value, max(-1.0, float(lower)), min(1.0, float(upper)))


def _pooled_z(treated: Counts, compared: Counts) -> tuple[float, tuple[str, ...]]:
    events, n = treated[0] + compared[0], treated[1] + compared[1]
    if events in (0, n):
        # The pooled variance is nought: two groups that agree to the last unit cannot differ.
        return 1.0, ("Every unit had the same outcome, so p is 1 by definition.",)
    _, p_value = proportions_ztest([treated[0], compared[0]], [treated[1], compared[1]])
    fewest = min(treated[1], compared[1]) * min(events, n - events) / n
    if fewest < 5:
        return float(p_value), (
            "Fewer than 5 events (or non-events) are expected in a group: "
            "p is approximate, rely on the interval.",
        )
    return float(p_value), ()


def _ratios(treated: Counts, compared: Counts) -> tuple[tuple[Measure, ...], tuple[str, ...]]:
    """Risk ratio (log interval) and odds ratio (logit interval).

    With an empty cell in the two-by-two table, half is added to each of its cells (Cochrane
    Handbook 10.4.4.2), in the value and in its interval.
    """
    empty = any(events in (0, n) for events, n in (treated, compared))
    if empty:
        treated, compared = _with_half(treated), _with_half(compared)
    (a, n), (b, m) = treated, compared
    measures = []
    for name, kind, method, value in [
        ("risk_ratio", "ratio", "log", (a / n) / (b / m)),
        ("odds_ratio", "odds-ratio", "logit", (a / (n - a)) / (b / (m - b))),
    ]:
        lower, upper = confint_proportions_2indep(
            *treated, *compared, method=method, compare=kind, alpha=ALPHA
        )
        measures.append(Measure(name, value, float(lower), float(upper)))
    note = "A group had no events or only events: half was added to each cell for the ratios."
    return tuple(measures), (note,) if empty else ()


def _disagreement(difference: Measure, p_value: float) -> tuple[str, ...]:
    excludes_none = difference.lower > 0 or difference.upper < 0
    if excludes_none == (p_value < ALPHA):
        return ()
    return ("The interval and the test are different methods and differ here: the interval rules.",)


def _with_half(counts: Counts) -> Counts:
    return counts[0] + 0.5, counts[1] + 1


def _wilson(counts: Counts) -> tuple[float, float]:
    lower, upper = proportion_confint(*counts, alpha=ALPHA, method="wilson")
    return float(lower), float(upper)


def _counts(cells: Cells, key: Key, assumptions: Assumptions) -> Counts:
    return _effective(cells[key], assumptions)


def _effective(cell: Proportion, assumptions: Assumptions) -> Counts:
    # Cochrane Handbook 23.1.4: a clustered sample counts for its size over the design effect.
    inflation = assumptions.design_effect or 1.0
    return cell.events / inflation, cell.n / inflation


def _units(cells: Cells, plan: Plan) -> int:
    return sum(cells[key].n for key in plan.needed)


def _events(cells: Cells, plan: Plan) -> int:
    return sum(cells[key].events for key in plan.needed)
