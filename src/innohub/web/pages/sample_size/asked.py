"""What a reader asks the calculator, in per cent where the hub keeps fractions."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from innohub.errors import Invalid, Problem
from innohub.market.evidence.power import PlanTrial
from innohub.web.pages.protocol.entering import fraction

FIELDS = (
    "baseline",
    "minimum_important_effect",
    "standard_deviation",
    "power",
    "comparison_per_treatment",
    "cluster_size",
    "intracluster_correlation",
    "overdispersion",
    "per_arm",
)
LIMITS = {
    "power": "Enter a chance from 50% to 99%.",
    "comparison_per_treatment": "Enter a number from 0.1 to 10.",
    "cluster_size": "Enter 1 or more.",
    "intracluster_correlation": "Enter a number from 0 to 1.",
    "overdispersion": "Enter a number from 1 to 1,000.",
    "per_arm": "Enter 2 or more.",
    "standard_deviation": "Enter a number above 0.",
    "minimum_important_effect": "Enter a number above 0.",
}
"""In the form's own numbers, for what the command refuses in its own."""


def parsed(kpi: Mapping[str, Any], query: Mapping[str, str]) -> PlanTrial:
    """The command behind the fields of an address. Raises Invalid with the form's own fields."""
    given: dict[str, Any] = {name: query.get(name, "").strip() for name in FIELDS}
    for name in per_cent(kpi["kpiType"]):
        given[name] = fraction(given[name])
    if kpi["kpiType"] != "mean":
        given.pop("standard_deviation")
    elif not given["standard_deviation"]:
        raise Invalid("Enter the standard deviation.", field="standard_deviation")
    if kpi["kpiType"] != "count_rate":
        given.pop("overdispersion")
    try:
        return PlanTrial.parse(given | {"kpi_type": kpi["kpiType"], "direction": kpi["direction"]})
    except Invalid as error:
        raise Invalid(error.message, problems=[_ours(found) for found in error.problems]) from None


def per_cent(kpi_type: str) -> tuple[str, ...]:
    """The fields that are entered in per cent."""
    if kpi_type == "proportion":
        return ("baseline", "minimum_important_effect", "power")
    if kpi_type == "count_rate":
        return ("minimum_important_effect", "power")
    return ("power",)


def _ours(found: Problem) -> Problem:
    """Numbers of the command are not those of the form: 0.8 was entered as 80."""
    if found.field in LIMITS and "required" not in found.message.lower():
        return replace(found, message=LIMITS[found.field])
    return found
