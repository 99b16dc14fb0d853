"""From a locked protocol and its data to every number of a result: a pure function, run twice."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from innohub.errors import Conflict
from innohub.market.canonical import digest
from innohub.market.evidence import disclosure
from innohub.market.evidence.estimators import engine, supplied
from innohub.market.evidence.estimators.addition import added
from innohub.market.evidence.estimators.provenance import inputs_hash, library_versions
from innohub.market.evidence.estimators.result import (
    Assumptions,
    Estimate,
    favourable,
    minimum_on_scale,
)
from innohub.market.evidence.estimators.supplied import Supplied
from innohub.market.evidence.estimators.trial import KpiType, TrialData
from innohub.market.evidence.finding import per_exposure, sentence, supplied_sentence
from innohub.market.evidence.grading import Lowering, graded, told
from innohub.market.evidence.models import Result, TrialDataset, Verdict
from innohub.market.evidence.observations import CellInput, from_cells, refuse_incomplete
from innohub.market.evidence.verdict import decide
from innohub.market.pilots.models import Pilot, Protocol
from innohub.market.pilots.outcomes.models import ProtocolOutcome
from innohub.market.pilots.protocols import SUPPLIED_DESIGNS

NUMBERS = ("effect", "lower", "upper", "p_value")
FACTS = (
    "inputs_hash",
    "scale",
    "sample_size",
    "method",
    "grade",
    "grade_reason",
    "verdict",
    "harm_signal",
    "breaches",
)


@dataclass(frozen=True)
class Basis:
    """What a result hangs on: the plan as it was locked, the data, and whether it was stopped."""

    plan: dict[str, Any]
    """Of the protocol's canonical content, which its hash covers; of a further KPI, its entry."""
    data: TrialData | Supplied
    kpi_label: str
    stopped: str | None
    """Why the pilot was stopped; None for one that ran its course."""
    forces: int = 1
    """How many forces' totals were added up."""
    lowering: Lowering | None = None
    """The grade that the analyst gave in place of the design's."""
    breaches: tuple[str, ...] = ()
    """The safety and equality KPIs that broke their stop rule, in sentences."""


def basis(
    pilot: Pilot,
    protocol: Protocol,
    datasets: Sequence[TrialDataset],
    kpi_label: str,
    lowering: Lowering | None = None,
    outcome: ProtocolOutcome | None = None,
) -> Basis:
    """Read plan and data back: of each force, one dataset; of the primary KPI, or of the further
    one that is given. Raises Conflict where one no longer fits
    its hash, Invalid where all together lack a group that the design needs."""
    plan = protocol.canonical
    if plan is None or digest(plan) != protocol.hash:
        raise Conflict("The protocol does not fit the hash it was locked with.")
    if any(digest(dataset.cells) != dataset.cells_hash for dataset in datasets):
        raise Conflict("The data do not fit the hash they were recorded with.")
    if outcome is not None:
        plan = plan_of(plan, outcome)
    stopped = None
    if pilot.stop_reason is not None:
        stopped = f"{pilot.stop_reason.replace('_', ' ')}. {pilot.closing_reason}"
    return Basis(plan, read_back(datasets, plan), kpi_label, stopped, len(datasets), lowering)


def plan_of(plan: dict[str, Any], outcome: ProtocolOutcome) -> dict[str, Any]:
    """The further KPI's entry in the protocol's canonical content. Raises Conflict without one."""
    for entry in plan.get("outcomes", ()):
        if (entry["kpi"], entry["population"]) == (outcome.kpi, outcome.population):
            found: dict[str, Any] = entry
            return found
    raise Conflict("The locked protocol does not register this KPI.")


def read_back(datasets: Sequence[TrialDataset], plan: dict[str, Any]) -> TrialData | Supplied:
    """The stored cells, checked once more and added up, or the analysts' newest estimate. Raises
    Invalid where a group is missing."""
    kpi_type, design = plan["kpi_type"], plan["design"]
    if design in SUPPLIED_DESIGNS:
        return Supplied.of_row(datasets[-1].cells[0], kpi_type)
    parts = [
        from_cells([CellInput(**cell) for cell in one.cells], kpi_type, design, partial=True)
        for one in datasets
    ]
    data = added(parts)
    refuse_incomplete(data, design)
    return data


def assumptions_of(plan: dict[str, Any]) -> Assumptions:
    """As registered; plans of the formats before 3 register none."""
    return Assumptions(**{field.name: plan.get(field.name) for field in fields(Assumptions)})


def compute(given: Basis) -> dict[str, Any]:
    """The columns of a Result that follow from `given`. Raises Invalid where there is no answer."""
    plan, data = given.plan, given.data
    design, kpi_type, direction = plan["design"], plan["kpi_type"], plan["direction"]
    estimate = estimated(given)
    minimum = minimum_on_scale(plan["minimum_important_effect"], kpi_type, direction)
    grade = graded(design, given.lowering)
    # Before its minimum data, a stopped trial answers nothing; after it, it counts like any other.
    early = given.stopped if estimate.n < plan["sample_size"] else None
    decision = decide(
        favourable(estimate, direction),
        minimum,
        grade,
        stopped_early=early,
        safety_breached=bool(given.breaches),
    )
    found = numbers_of(given, estimate)
    return found | {
        "grade": grade,
        "grade_reason": given.lowering and given.lowering.reason,
        "grade_note": given.lowering and given.lowering.note,
        "verdict": Verdict(decision.verdict),
        "harm_signal": decision.harm_signal,
        "finding": finding_of(given, estimate),
        "notes": [decision.because, *found["notes"]],
        "breaches": list(given.breaches),
        "series": _series(data, estimate, plan),
        "libraries": library_versions(),
    }


def estimated(given: Basis) -> Estimate:
    """The effect by the registered design, or the analysts' own. Raises Invalid without one."""
    if isinstance(given.data, Supplied):
        return supplied.estimate(given.data)
    return engine.estimate(given.data, given.plan["design"], assumptions_of(given.plan))


def numbers_of(given: Basis, estimate: Estimate) -> dict[str, Any]:
    """The columns that every effect has, the primary KPI's or another's."""
    shown, plan = estimate.display, given.plan
    return {
        "scale": shown.name,
        "effect": shown.value,
        "lower": min(shown.lower, shown.value),
        "upper": max(shown.upper, shown.value),
        "p_value": estimate.p_value,
        "sample_size": estimate.n,
        "method": str(estimate.method),
        "notes": [*_lowered(given), *estimate.notes, *_added_up(given)],
        "secondary": {
            measure.name: {
                "value": measure.value, "lower": measure.lower, "upper": measure.upper
            }
            for measure in estimate.also
        },
        "inputs_hash": inputs_hash(
            given.data, plan["design"], estimate.method, assumptions_of(plan)
        ),
    }  # fmt: skip


def lowering_of(result: Result) -> Lowering | None:
    """What the analyst made of the grade when `result` was computed."""
    if result.grade_reason is None or result.grade_note is None:
        return None
    return Lowering(result.grade, result.grade_reason, result.grade_note)


def differences(result: Result, again: dict[str, Any]) -> list[str]:
    """Names of what the second computation does not reproduce; floats to nine digits."""
    found = [name for name in FACTS if getattr(result, name) != again[name]]
    return found + [name for name in NUMBERS if not same_number(getattr(result, name), again[name])]


def _lowered(given: Basis) -> list[str]:
    if given.lowering is None:
        return []
    return [told(given.plan["design"], given.lowering)]


def _added_up(given: Basis) -> list[str]:
    if given.forces == 1:
        return []
    return [f"The totals that {given.forces} forces counted at their sites were added up."]


def same_number(first: float | None, second: float | None) -> bool:
    if first is None or second is None:
        return first is second
    return math.isclose(first, second, rel_tol=1e-9, abs_tol=1e-12)


def _series(
    data: TrialData | Supplied, estimate: Estimate, plan: dict[str, Any]
) -> list[dict[str, Any]] | None:
    if isinstance(data, Supplied):
        return None
    # A rate is told for so many units of exposure; nothing else is told for any.
    per = per_exposure(plan["unit"]) if data.kpi_type is KpiType.COUNT_RATE else 1.0
    return disclosure.series(data, estimate.series, per)


def finding_of(given: Basis, estimate: Estimate) -> str:
    if isinstance(given.data, Supplied):
        return supplied_sentence(estimate, kpi=given.kpi_label, unit=given.plan["unit"])
    # Of a series, no group's own figures are told.
    if disclosure.has_small_count(given.data) and not given.data.points:
        return disclosure.finding_without_groups(given.kpi_label, estimate.display)
    return sentence(
        given.data,
        estimate,
        given.plan["design"],
        kpi=given.kpi_label,
        unit=given.plan["unit"],
    )
