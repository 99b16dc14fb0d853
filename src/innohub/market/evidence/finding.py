"""A result in one English sentence, as a chief officer reads it."""

import re
from dataclasses import dataclass
from typing import Any

from innohub.market.evidence.estimators.calendar import step_of
from innohub.market.evidence.estimators.design import (
    COMPARED,
    COMPARED_BEFORE,
    OVER_TIME,
    TREATED,
    TREATED_BEFORE,
    Contrast,
    plan_for,
)
from innohub.market.evidence.estimators.result import Estimate, Measure, Scale
from innohub.market.evidence.estimators.trial import (
    Arm,
    Cell,
    CountRate,
    Key,
    KpiType,
    Period,
    Proportion,
    TrialData,
)

PER = re.compile(r"per ([0-9][0-9,]*) (.+)")


def sentence(data: TrialData, estimate: Estimate, design: str, *, kpi: str, unit: str) -> str:
    """What happened to the KPI, by how much, and how sure that is.

    `kpi` names it ("Use of force"); `unit` is the KPI's own: "per 1000 shifts" shows a rate for so
    many, "GBP" pounds; proportions are always shown in per cent.
    """
    wording = _wording(data, unit)
    name = kpi[:1].upper() + kpi[1:]
    contrast = plan_for(design).contrast
    if contrast is Contrast.NONE:
        value = wording.level(data.cells[TREATED]) + wording.suffix
        return f"{name}: {value}; there was nothing to compare it with."
    amount = _amount(estimate, wording)
    if contrast in OVER_TIME:
        return f"{name}: {amount} {_over_time(data, estimate)}."
    if contrast is Contrast.TWO_GROUPS:
        treated = wording.level(data.cells[TREATED]) + wording.suffix
        compared = wording.level(data.cells[COMPARED])
        return f"{name}: {treated} with the technology and {compared} without it, {amount}."
    change = _change(data, TREATED_BEFORE, TREATED, wording) + wording.suffix
    if contrast is Contrast.BEFORE_AFTER:
        return f"{name} {change}: {amount}, with no comparison group."
    other = _change(data, COMPARED_BEFORE, COMPARED, wording)
    return (
        f"{name} {change} with the technology, and {other} without it: "
        f"against that comparison, {amount}."
    )


def supplied_sentence(estimate: Estimate, *, kpi: str, unit: str) -> str:
    """The same of an estimate that the analysts supplied: no group's figures are known."""
    means = estimate.scale is Scale.MEAN_DIFFERENCE
    pounds = means and unit == "GBP"
    wording = _Wording("£" if pounds else "", f" {unit}" if means and not pounds else "")
    return (
        f"{kpi[:1].upper() + kpi[1:]}: {_amount(estimate, wording)}, as the analysts estimated it."
    )


def per_exposure(unit: str) -> float:
    """How many units of exposure a rate is told for: 1000 for "per 1000 shifts"."""
    many = PER.fullmatch(unit)
    return float(many[1].replace(",", "")) if many else 1.0


def shown(value: float, plan: dict[str, Any]) -> str:
    """A value of the KPI by itself, as its plan counts it."""
    if plan["kpi_type"] == KpiType.PROPORTION:
        return f"{value * 100:.3g}%"
    if plan["unit"] == "GBP":
        return f"£{value:,.2f}"
    return f"{value:.4g} {plan['unit']}"


def _over_time(data: TrialData, estimate: Estimate) -> str:
    days = [moment.on for moment in estimate.series]
    after = sum(moment.period is Period.AFTER for moment in estimate.series)
    step = step_of(days)
    stretches = f"{after} {step.name if step else 'period'}s"
    if any(arm is Arm.COMPARISON for arm, _ in data.cells):
        return (
            f"on average over the {stretches} after, against where the trend before and a "
            "comparison series led to expect"
        )
    return (
        f"on average over the {stretches} after, against where the trend before was heading, "
        "with no comparison series"
    )


@dataclass(frozen=True)
class _Wording:
    prefix: str
    suffix: str
    per: float = 1.0
    counts: bool = False

    def level(self, cell: Cell) -> str:
        if isinstance(cell, Proportion):
            return f"{cell.events / cell.n:.1%}"
        if isinstance(cell, CountRate):
            if self.counts:
                return f"{cell.events:,}"
            return _number(cell.events / cell.exposure * self.per)
        return ("-" if cell.mean < 0 else "") + self.size(abs(cell.mean))

    def size(self, value: float) -> str:
        """A mean without its sign: pounds with their pence up to a thousand."""
        if self.prefix and value < 1000:
            return f"{self.prefix}{value:.2f}"
        return self.prefix + _number(value)


def _wording(data: TrialData, unit: str) -> _Wording:
    cells = list(data.cells.values())
    if isinstance(cells[0], Proportion):
        return _Wording("", "")
    if isinstance(cells[0], CountRate):
        if many := PER.fullmatch(unit):
            per = int(many[1].replace(",", ""))
            return _Wording("", f" per {per:,} {many[2]}", per)
        same = len({cell.exposure for cell in cells if isinstance(cell, CountRate)}) == 1
        return _Wording("", f" {unit}" if same else f" {unit} for each unit of exposure", 1, same)
    return _Wording("£", "") if unit == "GBP" else _Wording("", f" {unit}")


def _change(data: TrialData, before: Key, after: Key, wording: _Wording) -> str:
    start, end = data.cells[before], data.cells[after]
    was, now = wording.level(start), wording.level(end)
    if was == now:
        return f"stayed at {now}"
    return f"{'rose' if _value(end) > _value(start) else 'fell'} from {was} to {now}"


def _value(cell: Cell) -> float:
    if isinstance(cell, Proportion):
        return cell.events / cell.n
    return cell.events / cell.exposure if isinstance(cell, CountRate) else cell.mean


@dataclass(frozen=True)
class _Size:
    number: str
    unit: str
    word: str

    def __str__(self) -> str:
        return f"{self.number}{self.unit} {self.word}"


def _amount(estimate: Estimate, wording: _Wording) -> str:
    shown: Measure = estimate.display
    effect, *ends = (
        _size(value, estimate.scale, wording) for value in (shown.value, shown.lower, shown.upper)
    )
    if ends[0].word == ends[1].word and ends[0].unit == ends[1].unit:
        near, far = ends if ends[0].word != "lower" else reversed(ends)
        interval = f"{near.number} to {far}"
    else:
        interval = f"{ends[0]} to {ends[1]}"
    if estimate.lower <= 0 <= estimate.upper:
        interval += ", which includes no difference"
    return f"{effect} (95% interval {interval})"


def _size(value: float, scale: Scale, wording: _Wording) -> _Size:
    if value == (1 if scale is Scale.LOG_RATE_RATIO else 0):
        return _Size("no", "", "different")
    if scale is Scale.LOG_RATE_RATIO:
        if value > 2:
            return _Size(f"{value:,.1f}", " times", "as high")
        return _Size(_percent(value), "", "lower" if value < 1 else "higher")
    word = "lower" if value < 0 else "higher"
    if scale is Scale.RISK_DIFFERENCE:
        return _Size(f"{abs(value) * 100:.1f}", " percentage points", word)
    return _Size(wording.size(abs(value)), wording.suffix, word)


def _percent(ratio: float) -> str:
    """A change in whole per cent that never rounds to nothing, nor to all."""
    change = abs(ratio - 1)
    if change < 0.01:
        return "under 1%"
    return "over 99%" if ratio < 0.01 else f"{change:.0%}"


def _number(value: float) -> str:
    """Three digits that count, thousands with commas, never an exponent; `value` is not negative.

    The limits are where rounding would add a digit.
    """
    if value >= 99.95:
        return f"{value:,.0f}"
    if value >= 9.995:
        return f"{value:.1f}"
    if value >= 0.9995:
        return f"{value:.2f}"
    if 0 < value < 0.0001:
        return "under 0.0001"
    return f"{value:.3g}"
