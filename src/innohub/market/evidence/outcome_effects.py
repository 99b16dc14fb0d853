"""From a further KPI's registered plan and its data to its effect: a pure function, run twice.

The engine is the result's own. What differs: it has no verdict, it may break its stop rule, and
where nothing can be told of it, it says why in place of stopping the primary KPI's result.
"""

from typing import Any

from innohub.errors import Invalid
from innohub.market.evidence import disclosure
from innohub.market.evidence.computation import Basis, estimated, finding_of, numbers_of
from innohub.market.evidence.estimators.design import TREATED, Contrast, plan_for
from innohub.market.evidence.estimators.supplied import Supplied
from innohub.market.evidence.estimators.trial import (
    CountRate,
    Proportion,
    TrialData,
)
from innohub.market.evidence.finding import per_exposure, shown
from innohub.market.evidence.grading import maryland_grade
from innohub.market.pilots.outcomes.models import OutcomeRole
from innohub.outbox.disclosure import SMALLEST_COUNT

ROLES = {
    OutcomeRole.SECONDARY: "secondary KPI",
    OutcomeRole.SAFETY_HARM: "safety KPI",
    OutcomeRole.EQUALITY: "equality KPI",
}
NUMBERS = ("effect", "lower", "upper", "p_value")
FACTS = ("scale", "sample_size", "method", "grade", "finding", "breach", "inputs_hash")
NOTHING_TOLD: dict[str, Any] = {
    "scale": None, "effect": None, "lower": None, "upper": None, "p_value": None,
    "sample_size": None, "method": None, "secondary": {}, "notes": [], "inputs_hash": None,
}  # fmt: skip


def effect_of(given: Basis) -> dict[str, Any]:
    """The columns of an OutcomeEffect that follow from `given`, whose plan is the KPI's own."""
    data = given.data
    # What the analysts supply has no limit: the protocol takes none for it.
    breach = breach_of(given, data) if isinstance(data, TrialData) else None
    same = {"breach": breach, "grade": _grade(given)}
    if _withheld(given.plan, data):
        why = "what was found is withheld, because a group counts fewer than 5"
        return NOTHING_TOLD | same | {"finding": f"{given.kpi_label}: {why}."}
    try:
        estimate = estimated(given)
    except Invalid as error:
        return NOTHING_TOLD | same | {"finding": f"{given.kpi_label}: {error.message}"}
    found = numbers_of(given, estimate)
    return found | same | {"finding": finding_of(given, estimate)}


def breach_of(given: Basis, data: TrialData) -> str | None:
    """How the KPI broke its stop rule, in a sentence: with the technology, it reached a limit."""
    value = _level(data, given.plan["unit"])
    low, high = given.plan["limit_low"], given.plan["limit_high"]
    if high is not None and value >= high:
        side, limit = "at or above", high
    elif low is not None and value <= low:
        side, limit = "at or below", low
    else:
        return None
    told = "" if disclosure.has_small_count(data) else f"{shown(value, given.plan)}, "
    role = ROLES[OutcomeRole(given.plan["role"])]
    return (
        f"{given.kpi_label} ({role}): {told}{side} the limit of {shown(limit, given.plan)} that "
        "was registered."
    )


def _withheld(plan: dict[str, Any], data: TrialData | Supplied) -> bool:
    """An effect in a small group, or a share of it alone, would tell of the few people in it."""
    if isinstance(data, Supplied):
        return data.n < SMALLEST_COUNT
    alone = plan_for(plan["design"]).contrast is Contrast.NONE
    equality = plan["role"] == OutcomeRole.EQUALITY
    return (alone or equality) and disclosure.has_small_count(data)


def _grade(given: Basis) -> int:
    own = maryland_grade(given.plan["design"])
    return own if given.lowering is None else min(own, given.lowering.to)


def _level(data: TrialData, unit: str) -> float:
    """The KPI's own value with the technology, as its limits are registered."""
    cell = data.cells[TREATED]
    if isinstance(cell, Proportion):
        return cell.events / cell.n
    if isinstance(cell, CountRate):
        return cell.events / cell.exposure * per_exposure(unit)
    return cell.mean
