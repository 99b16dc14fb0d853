"""The one way from trial data to an effect: method by KPI type and design, never by choice.

statsmodels and scipy take seconds to import, so they are loaded with the first effect, not with
the hub.
"""

from dataclasses import replace
from typing import cast

import numpy as np

from innohub.errors import Invalid
from innohub.market.evidence.estimators.design import (
    CLUSTERED,
    TREATED,
    Contrast,
    Plan,
    plan_for,
)
from innohub.market.evidence.estimators.result import (
    NONE_KNOWN,
    Assumptions,
    Estimate,
    Measure,
    Method,
    Scale,
)
from innohub.market.evidence.estimators.trial import (
    Cell,
    CountRate,
    Key,
    KpiType,
    Mean,
    Proportion,
    TrialData,
)

IGNORES_CLUSTERS = (
    "Units were assigned in clusters and no design effect was entered: the interval treats every "
    "unit as independent and is probably too narrow."
)
NO_COMPARISON_GROUP = (
    "There is no comparison group: a change from any other cause is part of this effect."
)
BASELINE_UNUSED = (
    "The figures from before are shown and not analysed: this design compares the groups after."
)
NOTHING_COMPARED = "Nothing is compared: this is the value after, not an effect."


def estimate(data: TrialData, design: str, assumptions: Assumptions = NONE_KNOWN) -> Estimate:
    """The effect of the treatment on the KPI, with its 95% interval.

    After-only designs have no effect: they get the value after, on the scale `level`.
    Raises Invalid: a design that totals cannot answer, an assumption that plays no part, values
    that never vary, numbers too extreme for a finite answer.
    """
    plan = plan_for(design)
    _refuse_unused(assumptions, data.kpi_type, plan)
    missing = [f"{arm}, {period}" for arm, period in plan.needed if (arm, period) not in data.cells]
    if missing:
        raise ValueError(f"no cell for {'; '.join(missing)}: read trial data by `observations`")
    # Overflow becomes infinity, which Estimate and Measure refuse with a reason.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        if plan.contrast is Contrast.NONE:
            return _level_alone(data)
        if plan.over_time:
            from innohub.market.evidence.estimators import time_series

            return time_series.estimate(data, plan)
        return _with_notes(_estimate(data, plan, assumptions), data, plan, assumptions)


def describe(data: TrialData) -> dict[Key, Measure]:
    """Each cell's own value with its 95% interval: Wilson, exact Poisson or Student."""
    return {key: level(cell) for key, cell in data.cells.items()}


def _estimate(data: TrialData, plan: Plan, assumptions: Assumptions) -> Estimate:
    match data.kpi_type:
        case KpiType.PROPORTION:
            from innohub.market.evidence.estimators import proportion

            return proportion.estimate(cast(proportion.Cells, data.cells), plan, assumptions)
        case KpiType.COUNT_RATE:
            from innohub.market.evidence.estimators import count_rate

            return count_rate.estimate(cast(count_rate.Cells, data.cells), plan, assumptions)
        case KpiType.MEAN:
            from innohub.market.evidence.estimators import mean

            return mean.estimate(cast(mean.Cells, data.cells), plan, assumptions)


def level(cell: Cell, assumptions: Assumptions = NONE_KNOWN) -> Measure:
    """A cell's own value, its interval as wide as the assumptions make it."""
    match cell:
        case Proportion():
            from innohub.market.evidence.estimators import proportion

            return proportion.level(cell, assumptions)
        case CountRate():
            from innohub.market.evidence.estimators import count_rate

            return count_rate.level(cell, assumptions)
        case Mean():
            from innohub.market.evidence.estimators import mean

            return mean.level(cell, assumptions)


def _level_alone(data: TrialData) -> Estimate:
    cell = data.cells[TREATED]
    own = level(cell)
    return Estimate(
        effect=own.value,
        lower=own.lower,
        upper=own.upper,
        p_value=None,
        n=max(1, round(cell.exposure)) if isinstance(cell, CountRate) else cell.n,
        events=None if isinstance(cell, Mean) else cell.events,
        scale=Scale.LEVEL,
        method=Method.DESCRIPTIVE,
        display=own,
        notes=(NOTHING_COMPARED,),
    )


def _with_notes(found: Estimate, data: TrialData, plan: Plan, assumptions: Assumptions) -> Estimate:
    notes = list(found.notes)
    if plan.contrast is Contrast.BEFORE_AFTER:
        notes.append(NO_COMPARISON_GROUP)
    if len(data.cells) > len(plan.needed):
        notes.append(BASELINE_UNUSED)
    counts = data.kpi_type is KpiType.COUNT_RATE
    if plan.design in CLUSTERED and not counts and assumptions.design_effect is None:
        notes.append(IGNORES_CLUSTERS)
    return replace(found, notes=tuple(notes))


def _refuse_unused(assumptions: Assumptions, kpi_type: KpiType, plan: Plan) -> None:
    counts = kpi_type is KpiType.COUNT_RATE
    repeats = plan.contrast in (Contrast.BEFORE_AFTER, Contrast.DIFFERENCE)
    plays = {
        # The errors of a series come from the series itself.
        "overdispersion": counts and not plan.over_time,
        "design_effect": not counts and not plan.over_time,
        "before_after_correlation": kpi_type is KpiType.MEAN and repeats,
    }
    for field, used in plays.items():
        if getattr(assumptions, field) is not None and not used:
            words = field.replace("_", " ")
            raise Invalid(
                f"A {words} plays no part in this KPI and design: leave it out.", field=field
            )
