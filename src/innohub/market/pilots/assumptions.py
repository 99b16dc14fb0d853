"""What totals cannot tell and the analysts assume: registered before the start, so that nobody
chooses an interval's width when the figures are known.

The rules are the results engine's (`estimators.result.Assumptions`, `estimators.engine`), which a
test holds side by side: the protocol comes before evidence and cannot ask it.
"""

from collections.abc import Mapping, Sequence
from statistics import mean, variance
from typing import Any

from innohub.errors import Invalid

FIELDS = ("overdispersion", "design_effect", "before_after_correlation")
OVER_TIME = frozenset({"interrupted_time_series_no_control", "its_with_control"})
"""Their errors come from the series itself."""
MODELLED = frozenset(
    {"stepped_wedge_nonrandom", "stepped_wedge_randomised", "regression_discontinuity"}
)
"""Their errors are the analysts' own."""
CLUSTERED = frozenset({"cluster_rct", "matched_cluster_controlled"})
REPEATED = frozenset({"before_after", "difference_in_differences"})
NOT_COMPARED = frozenset({"after_only"})
LEAST_COUNTS, MOST = 8, 1000.0
LARGE = 1.5
"""The overdispersion from which on it must be known; vocabulary, `method_by_kpi`."""


def overdispersion_of(counts: Sequence[int]) -> float:
    """Variance over mean of counts of equal stretches of time, such as months: 1 for a Poisson
    process, and never less. Raises Invalid, field `baseline_counts`, for too few or none at all."""
    if len(counts) < LEAST_COUNTS:
        raise Invalid(
            f"Give the counts of at least {LEAST_COUNTS} months: {len(counts)} tell too little.",
            field="baseline_counts",
        )
    if not any(counts):
        raise Invalid("No month has any event: enter the overdispersion.", field="baseline_counts")
    found = max(1.0, variance(counts) / mean(counts))
    if found > MOST:
        raise Invalid(
            "These counts differ more than a thousandfold: look for a month in another unit.",
            field="baseline_counts",
        )
    return float(f"{found:.6g}")


def assumed(given: Mapping[str, Any], kpi_type: str, design: str) -> dict[str, Any]:
    """The columns of a protocol: as entered, the overdispersion from the counts before where these
    are given instead. Raises Invalid, naming the field, for what plays no part."""
    counts = given["baseline_counts"]
    if counts and given["overdispersion"] is not None:
        raise Invalid(
            "Enter the overdispersion or the counts it follows from, not both.",
            field="overdispersion",
        )
    if counts and not plays_a_part("overdispersion", kpi_type, design):
        _refuse("baseline_counts", "The counts before play")
    for field in FIELDS:
        if given[field] is not None and not plays_a_part(field, kpi_type, design):
            _refuse(field, f"A {field.replace('_', ' ')} plays")
    found = {field: given[field] for field in FIELDS}
    if counts:
        found["overdispersion"] = overdispersion_of(counts)
    return {**found, "baseline_counts": list(counts)}


def plays_a_part(field: str, kpi_type: str, design: str) -> bool:
    """Whether the engine uses it."""
    if design in OVER_TIME | MODELLED:
        return False
    if field == "overdispersion":
        return kpi_type == "count_rate"
    if field == "design_effect":
        return kpi_type != "count_rate"
    return kpi_type == "mean" and design in REPEATED


def warnings(protocol: Mapping[str, Any]) -> list[str]:
    """What a reader of a protocol with kpi_type, design and the assumptions must be told, in
    sentences."""
    kpi_type, design = protocol["kpi_type"], protocol["design"]
    found = []
    phi = protocol["overdispersion"]
    if plays_a_part("overdispersion", kpi_type, design) and design not in NOT_COMPARED:
        if phi is None:
            found.append(
                "No overdispersion is registered: if events come in clusters, the interval will be "
                "too narrow. Give the monthly counts from before, and the hub works it out."
            )
        elif phi > LARGE:
            found.append(
                f"Events come in clusters: the counts vary {phi:.3g} times as much as by chance. "
                "The interval will be wider for it, and the sample must be larger."
            )
    if design in CLUSTERED and kpi_type != "count_rate" and protocol["design_effect"] is None:
        found.append(
            "Whole groups are compared and no design effect is registered: the interval will treat "
            "every unit as independent, and be too narrow."
        )
    return found


def _refuse(field: str, subject: str) -> None:
    raise Invalid(f"{subject} no part in this KPI and design: leave it out.", field=field)
