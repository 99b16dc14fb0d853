"""Interrupted time series: segmented regression with Newey-West errors.

y = b0 + b1 t + b2 post + b3 t_since: a line before, and a change of its level and of its slope at
the start (Wagner and others 2002). With a comparison series, y is the distance between the two
(Lopez Bernal and others 2018). Rates are modelled by their logarithm, so that changes are ratios
like those of every other design; proportions and means as they are.

THE effect is the average distance between the fitted line and its continuation from before, over
the time after: b2 + b3 times the mean of t_since. Level and slope stand beside it. Decision 0021.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.stattools import durbin_watson
from statsmodels.tsa.stattools import acf

from innohub.errors import Invalid
from innohub.market.evidence.estimators.calendar import (
    PREFERRED_POINTS,
    Step,
    breaches,
    days_of,
    step_of,
)
from innohub.market.evidence.estimators.design import Contrast, Plan
from innohub.market.evidence.estimators.result import (
    CONFIDENCE,
    Estimate,
    Measure,
    Method,
    Moment,
    Scale,
)
from innohub.market.evidence.estimators.trial import (
    Arm,
    Cell,
    CountRate,
    KpiType,
    Mean,
    Period,
    Proportion,
    TrialData,
)

ALPHA = 1 - CONFIDENCE
NO_VARIATION = 1e-20
"""Residuals below this share of the whole are rounding: the values lie on the lines."""
UNCORRELATED = (1.5, 2.5)
"""Where the Durbin-Watson statistic, 2 for residuals that do not hang together, raises no doubt."""
EMPTY_STRETCH = (
    "A stretch of time has no events: half an event was added to each one, because nothing has no "
    "logarithm."
)
NO_COMPARISON_SERIES = (
    "There is no comparison series: anything else that changed at the same time is part of this "
    "effect."
)
SCALES = {
    KpiType.PROPORTION: Scale.RISK_DIFFERENCE,
    KpiType.COUNT_RATE: Scale.LOG_RATE_RATIO,
    KpiType.MEAN: Scale.MEAN_DIFFERENCE,
}
NAMES = {
    KpiType.PROPORTION: ("risk_difference", "difference_in_differences"),
    KpiType.COUNT_RATE: ("rate_ratio", "relative_incident_rate_ratio"),
    KpiType.MEAN: ("mean_difference", "difference_in_differences"),
}
"""What the effect is called without and with a comparison series."""


class Answer(NamedTuple):
    """A linear combination of the coefficients, its 95% interval and two-sided p."""

    value: float
    lower: float
    upper: float
    p_value: float


class Lines:
    """The segmented regression of `values`, of which the first `before` are from before.

    `lags`: over how many neighbours the errors may hang together. Small-sample correction and t
    distribution as Stata's `newey`. Raises Invalid where the values lie on the lines.
    """

    def __init__(self, values: Sequence[float], before: int, lags: int) -> None:
        y = np.asarray(values, dtype=float)
        time = np.arange(len(y), dtype=float)
        since = np.maximum(time - before, 0.0)
        post = (time >= before).astype(float)
        design = np.column_stack([np.ones(len(y)), time, post, since])
        # A model on the unit scale: tiny and huge values are fitted alike.
        self._size = float(np.abs(y).max()) or 1.0
        self._found: Any = OLS(y / self._size, design).fit(
            cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True
        )
        if self._found.ssr <= NO_VARIATION * len(y):
            raise Invalid(
                "The values never vary, or lie exactly on a line: no interval can be computed."
            )
        self.average = self._answer([0.0, 0.0, 1.0, float(since[before:].mean())])
        self.trend = self._answer([0.0, 1.0, 0.0, 0.0])
        self.level = self._answer([0.0, 0.0, 1.0, 0.0])
        self.slope = self._answer([0.0, 0.0, 0.0, 1.0])
        self.residuals = np.asarray(self._found.resid)
        self.fitted = np.asarray(self._found.fittedvalues) * self._size
        self.continued = design[:, :2] @ np.asarray(self._found.params[:2]) * self._size

    def _answer(self, weights: list[float]) -> Answer:
        tested = self._found.t_test(np.asarray(weights))
        ((lower, upper),) = tested.conf_int(alpha=ALPHA)
        value = float(np.ravel(tested.effect)[0])
        p_value = float(np.ravel(tested.pvalue)[0])
        size = self._size
        return Answer(value * size, float(lower) * size, float(upper) * size, p_value)


def lags_for(length: int) -> int:
    """Newey and West 1994, Rev Econ Stud 61:631-653: 4 (n / 100)^(2/9), at least 1."""
    return max(1, math.floor(4 * math.pow(length / 100, 2 / 9)))


def estimate(data: TrialData, plan: Plan) -> Estimate:
    """The average effect over the time after, with level and slope. Raises Invalid where the series
    breaks a rule of `calendar`, never varies, or gives no finite answer."""
    if found := list(breaches(data.points, plan)):
        raise Invalid(found[0], field="on")
    controlled = plan.contrast is Contrast.SERIES_DIFFERENCE
    days = days_of(data.points, Arm.TREATMENT)
    before = len(days_of(data.points, Arm.TREATMENT, Period.BEFORE))
    treated = _values(data, Arm.TREATMENT)
    compared = _values(data, Arm.COMPARISON) if controlled else np.zeros(len(days))
    lags = lags_for(len(days))
    lines = Lines(treated - compared, before, lags)
    step = step_of(days) or Step()
    name = NAMES[data.kpi_type][controlled]
    shown = _shown(data.kpi_type)
    average = lines.average
    return Estimate(
        effect=average.value,
        lower=average.lower,
        upper=average.upper,
        p_value=average.p_value,
        n=_units(data),
        events=_events(data),
        scale=SCALES[data.kpi_type],
        method=Method.ITS_CONTROL_NEWEY_WEST if controlled else Method.ITS_NEWEY_WEST,
        display=_measure(name, average, shown),
        also=_beside(lines, data.kpi_type, shown),
        notes=_notes(data, lines, step, before, lags, controlled),
        series=tuple(
            Moment(
                on=day,
                period=Period.AFTER if place >= before else Period.BEFORE,
                observed=float(shown(treated[place])),
                comparison=float(shown(compared[place])) if controlled else None,
                fitted=float(shown(compared[place] + lines.fitted[place])),
                counterfactual=float(shown(compared[place] + lines.continued[place])),
            )
            for place, day in enumerate(days)
        ),
    )


def _values(data: TrialData, arm: Arm) -> Any:
    """The arm's values in time, on the scale of the model."""
    points = sorted((point for point in data.points if point.arm is arm), key=lambda p: p.on)
    half = 0.5 if _is_empty_somewhere(data) else 0.0
    return np.asarray([_value(point.cell, half) for point in points])


def _value(cell: Cell, half: float) -> float:
    if isinstance(cell, Proportion):
        return cell.events / cell.n
    if isinstance(cell, CountRate):
        return math.log((cell.events + half) / cell.exposure)
    return cell.mean


def _is_empty_somewhere(data: TrialData) -> bool:
    cells = (point.cell for point in data.points)
    return any(isinstance(cell, CountRate) and cell.events == 0 for cell in cells)


def _shown(kpi_type: KpiType) -> Callable[[Any], Any]:
    """From the scale of the model to the one that people read."""
    return np.exp if kpi_type is KpiType.COUNT_RATE else np.asarray


def _measure(name: str, answer: Answer, shown: Callable[[Any], Any]) -> Measure:
    return Measure(name, *(float(shown(end)) for end in answer[:3]))


def _beside(lines: Lines, kpi_type: KpiType, shown: Callable[[Any], Any]) -> tuple[Measure, ...]:
    kind = "ratio" if kpi_type is KpiType.COUNT_RATE else "change"
    return (
        _measure(f"level_{kind}", lines.level, shown),
        _measure(f"slope_{kind}", lines.slope, shown),
        _measure(f"trend_{kind}_before", lines.trend, shown),
    )


def _notes(
    data: TrialData, lines: Lines, step: Step, before: int, lags: int, controlled: bool
) -> tuple[str, ...]:
    length = len(lines.residuals)
    after = length - before
    notes = [
        f"The effect is the average distance from where the trend before was heading, over the "
        f"{after} {step.name}s after; the change of the level at the start and of the slope stand "
        f"beside it. Newey-West errors allow for {lags} neighbouring {step.name}s that hang "
        "together."
    ]
    if not controlled:
        notes.append(NO_COMPARISON_SERIES)
    if min(before, after) < PREFERRED_POINTS:
        notes.append(
            f"The series is short: {before} {step.name}s before and {after} after, where "
            f"{PREFERRED_POINTS} and {PREFERRED_POINTS} are better."
        )
    if _is_empty_somewhere(data):
        notes.append(EMPTY_STRETCH)
    return (*notes, _durbin_watson(lines), _seasons(lines, step))


def _durbin_watson(lines: Lines) -> str:
    found = float(durbin_watson(lines.residuals))
    least, most = UNCORRELATED
    if least <= found <= most:
        return f"Durbin-Watson {found:.2f}: neighbouring residuals do not hang together."
    if found > most:
        return (
            f"Durbin-Watson {found:.2f}: neighbouring residuals go to and fro; the errors allow it."
        )
    return (
        f"Durbin-Watson {found:.2f}: neighbouring residuals hang together, which the errors allow "
        "for, and the trend may not be a straight line."
    )


def _seasons(lines: Lines, step: Step) -> str:
    """A flag where residuals a year apart are alike: their correlation is beyond two standard
    errors, 2 over the root of the length."""
    season, length = step.season, len(lines.residuals)
    if season is None or length < 2 * season:
        return "Seasons could not be looked for: that takes two years of months or weeks."
    alike = float(acf(lines.residuals, nlags=season, fft=False)[season])
    if alike > 2 / math.sqrt(length):
        return (
            f"Seasons: residuals a year apart are alike (correlation {alike:.2f}), so that a part "
            "of the effect may be the time of the year."
        )
    return f"Seasons: none seen (residuals a year apart correlate by {alike:.2f})."


def _units(data: TrialData) -> int:
    exposure = 0.0
    units = 0
    for cell in data.cells.values():
        if isinstance(cell, CountRate):
            exposure += cell.exposure
        else:
            units += cell.n
    return max(1, units or round(exposure))


def _events(data: TrialData) -> int | None:
    counted = [cell.events for cell in data.cells.values() if not isinstance(cell, Mean)]
    return sum(counted) if counted else None
