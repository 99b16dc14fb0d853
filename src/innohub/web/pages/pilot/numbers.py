"""A result's numbers as a table tells them: the same that the picture shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from innohub.market.evidence.estimators.result import SOURCES, Method
from innohub.market.evidence.finding import per_exposure
from innohub.web.charts import LEVELS, RATIO_SCALES
from innohub.web.wording import words

Row = Mapping[str, Any]

SCALES = {
    "rate_ratio": "Rate ratio",
    "relative_incident_rate_ratio": "Ratio of the two changes in the rate",
    "risk_difference": "Difference of the two shares",
    "mean_difference": "Difference of the two means",
    "difference_in_differences": "Difference of the two changes",
    "level_ratio": "Change of the level at the start, as a ratio",
    "slope_ratio": "Change of the slope, as a ratio each period",
    "trend_ratio_before": "Trend before, as a ratio each period",
    "level_change": "Change of the level at the start",
    "slope_change": "Change of the slope, each period",
    "trend_change_before": "Trend before, each period",
    "hedges_g": "Standardised difference (Hedges' g)",
}
"""What an effect is measured on, in words; other names are words already."""


RATES = {"rate", "rate_difference"}
"""Stored for one unit of exposure, told for as many as the KPI's unit names."""


@dataclass(frozen=True)
class Line:
    """One measure and its 95% interval, as text."""

    name: str
    value: str
    interval: str


def measures(result: Row, protocol: Row | None) -> list[Line]:
    """The effect first, then what was computed beside it."""
    scale = result["scale"]
    effect = (result["effect"], result["lower"], result["upper"])
    lines = [_line(scale, *_on_scale(effect, scale, protocol))]
    for name, found in (result["secondary"] or {}).items():
        values = [found[end] for end in ("value", "lower", "upper")]
        told = _on_scale(values, name, protocol) if name in RATES else (_plainly(values), "")
        lines.append(_line(name, *told))
    return lines


def _line(name: str, texts: Sequence[str], unit: str) -> Line:
    value, lower, upper = texts
    return Line(SCALES.get(name, words(name)), value + unit, f"{lower} to {upper}{unit}")


def _plainly(values: Sequence[float]) -> list[str]:
    return [_figures(value) for value in values]


def _on_scale(values: Sequence[float], scale: str, protocol: Row | None) -> tuple[list[str], str]:
    """Values as people read the scale, ratios with the change they are, and the unit behind."""
    kpi_type = protocol["kpiType"] if protocol else ""
    unit = protocol["unit"] if protocol else ""
    if scale in RATIO_SCALES:
        return [f"{value:.2f} ({_change(value)})" for value in values], ""
    if scale == "proportion":
        return [f"{value:.1%}" for value in values], ""
    if scale == "risk_difference" or kpi_type == "proportion":
        return [_signed(f"{abs(v) * 100:.1f}", v) for v in values], " percentage points"
    if scale in RATES:
        per = per_exposure(unit)
        texts = [_signed(_figures(abs(v * per)), v, scale in LEVELS) for v in values]
        return texts, f" {unit}".rstrip()
    if unit == "GBP":
        return [_signed(f"£{abs(v):,.2f}", v, scale in LEVELS) for v in values], ""
    return [_signed(_figures(abs(v)), v, scale in LEVELS) for v in values], f" {unit}".rstrip()


def smallest(protocol: Row) -> str:
    """The minimum important effect in words, with the side that is the better one."""
    size, falls = protocol["minimumImportantEffect"], protocol["direction"] == "LOWER_IS_BETTER"
    if protocol["kpiType"] == "proportion":
        text = f"{_plain(size * 100)} percentage points"
    elif protocol["kpiType"] == "count_rate":
        text = f"{_plain(size * 100)}%"
    elif protocol["unit"] == "GBP":
        text = f"£{size:,.2f}"
    else:
        text = f"{_plain(size)} {protocol['unit']}"
    return f"{text} {'lower' if falls else 'higher'}"


def baseline(protocol: Row) -> str:
    """The registered baseline on its own scale."""
    value, unit = protocol["baselineValue"], protocol["unit"]
    if protocol["kpiType"] == "proportion":
        return f"{_plain(value * 100)}%"
    return f"£{value:,.2f}" if unit == "GBP" else f"{_plain(value)} {unit}"


def p_value(value: float | None) -> str:
    if value is None:
        return ""
    return "under 0.001" if value < 0.001 else f"{value:.3f}"


def source_of(method: str) -> str:
    """The literature behind a method."""
    return SOURCES[Method(method)]


def _change(ratio: float) -> str:
    if ratio == 1:
        return "no difference"
    if ratio > 2:
        return f"{ratio:,.1f} times as high"
    size = abs(ratio - 1) * 100
    side = "lower" if ratio < 1 else "higher"
    return f"{size:.1f}% {side}" if size < 1 else f"{size:.0f}% {side}"


def _signed(size: str, value: float, level: bool = False) -> str:
    """With a true minus sign, and a plus unless it is a level."""
    if value < 0:
        return f"\u2212{size}"
    return size if level or value == 0 else f"+{size}"


def _figures(value: float) -> str:
    """Three digits that count, without an exponent, with a true minus sign."""
    size = abs(value)
    if size < 0.9995:
        text = f"{Decimal(f'{size:.3g}'):f}"
    else:
        text = f"{size:,.{0 if size >= 99.95 else 1 if size >= 9.995 else 2}f}"
    return f"\u2212{text}" if value < 0 else text


def _plain(value: float) -> str:
    """A number as somebody entered it, to three digits that count."""
    text = _figures(value)
    return text.rstrip("0").rstrip(".") if "." in text else text
