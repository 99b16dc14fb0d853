"""Trial data and the results computed from it."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

import strawberry
from sqlalchemy import exists, func
from sqlalchemy.orm import aliased
from strawberry.scalars import JSON

from innohub.graphql.read.declare import (
    Connection,
    Node,
    Row,
    Term,
    among,
    column,
    many,
    node,
    one,
    where,
)
from innohub.graphql.types.catalogue import Technology
from innohub.graphql.types.emmie import effect_of
from innohub.graphql.types.organisations import Force
from innohub.graphql.types.outcomes import OutcomeEffect, ProtocolOutcome
from innohub.graphql.types.people import name_of
from innohub.graphql.types.pilots import Pilot
from innohub.graphql.types.reference import label_of
from innohub.market.evidence import models as rows
from innohub.market.evidence import policy
from innohub.market.evidence.emmie.models import EmmieEffect
from innohub.market.evidence.estimators.result import Method
from innohub.market.evidence.models import DataSource, Verdict
from innohub.market.forces import peers
from innohub.market.pilots.policy import step_visible

strawberry.enum(Verdict)
strawberry.enum(DataSource)


@node(rows.TrialDataset, policy.dataset_visible, name="TrialDataset")
class TrialDataset(Node):
    """One upload of trial data, kept whole: of one force's sites, where several take part."""

    version: int = column(rows.TrialDataset.version)
    source: DataSource = column(rows.TrialDataset.source)
    cells: JSON = column(rows.TrialDataset.cells)
    cells_hash: str = column(rows.TrialDataset.cells_hash)
    correction_reason: str | None = column(rows.TrialDataset.correction_reason)
    observation_count: int | None = column(
        rows.TrialDataset.observation_count, "How many were added up; null for totals."
    )
    observations_hash: str | None = column(
        rows.TrialDataset.observations_hash,
        "SHA-256 of the observations’ lines in canonical CSV, in order, without header.",
    )
    recorded_at: datetime = column(rows.TrialDataset.created_at)
    recorded_by: str | None = column(
        lambda row: name_of(row.recorded_by_id),
        "Null for a machine.",
        shown=step_visible,
    )
    force: Force | None = one(lambda row, force: force.id == row.force_id)
    outcome: ProtocolOutcome | None = one(
        lambda row, outcome: outcome.id == row.outcome_id,
        "The further KPI that was counted; null for the primary one.",
    )


@node(rows.Result, policy.visible, name="Result")
class Result(Node):
    """The effect on the primary KPI with its 95% interval, computed by the results engine."""

    revision: int = column(rows.Result.revision)
    kpi: str = column(rows.Result.kpi)
    kpi_label: str = column(lambda row: label_of("kpi", row.kpi))
    scale: str = column(rows.Result.scale, "What the effect is measured on.")
    effect: float = column(rows.Result.effect)
    lower: float = column(rows.Result.lower, "Lower end of the 95% interval.")
    upper: float = column(rows.Result.upper, "Upper end of the 95% interval.")
    p_value: float | None = column(rows.Result.p_value)
    sample_size: int = column(rows.Result.sample_size)
    method: str = column(rows.Result.method)
    analyst_supplied: bool = column(
        lambda row: row.method == Method.ANALYST_SUPPLIED,
        "Whether the analysts estimated the effect, and not the hub.",
    )
    grade: int = column(rows.Result.grade, "Maryland scale, 0 to 5.")
    grade_reason: str | None = column(
        rows.Result.grade_reason, "Why it is lower than the design earns."
    )
    grade_note: str | None = column(rows.Result.grade_note)
    verdict: Verdict = column(rows.Result.verdict)
    emmie_effect: EmmieEffect = column(
        lambda row: effect_of(row),
        "EMMIE's first letter: what the indicator did, whichever way is the better one.",
    )
    harm_signal: bool = column(rows.Result.harm_signal)
    finding: str = column(rows.Result.finding, "The result in one sentence.")
    notes: list[str] = column(rows.Result.notes)
    deviations: list[str] = column(
        rows.Result.deviations, "Departures from the locked protocol, as the hub and analysts saw."
    )
    secondary: JSON = column(rows.Result.secondary)
    breaches: list[str] = column(
        rows.Result.breaches,
        "Safety and equality KPIs that broke their stop rule: any caps the verdict.",
    )
    outcome_effects: list[OutcomeEffect] = many(
        lambda row, effect: effect.result_id == row.id,
        lambda effect: [effect.outcome_id],
        "One for each of them.",
        "On the protocol's further KPIs that have data.",
    )
    series: JSON | None = column(
        rows.Result.series,
        "Of a design over time, stretch by stretch: on, period, observed, comparison, fitted and "
        "counterfactual. Nothing is observed where a stretch counts fewer than 5.",
    )
    inputs_hash: str = column(rows.Result.inputs_hash)
    libraries: JSON = column(rows.Result.libraries)
    computed_at: datetime = column(rows.Result.created_at)
    confirmed_at: datetime | None = column(rows.Result.confirmed_at)
    published_at: datetime | None = column(rows.Result.published_at)
    pilot: Pilot | None = one(lambda row, pilot: pilot.id == row.pilot_id)
    technology: Technology | None = one(lambda row, other: other.id == row.technology_id)


def is_published(row: Row) -> Any:
    """The newest published result of its pilot: a corrected one stands in the old one's place."""
    other = aliased(rows.Result)
    newer = exists().where(
        other.pilot_id == row.pilot_id,
        other.revision > row.revision,
        other.published_at.is_not(None),
    )
    return row.published_at.is_not(None) & ~newer.correlate_except(other)


@strawberry.input
class ResultFilter:
    verdict: list[Verdict] | None = where(lambda row, value: among(row.verdict, value))
    kpi: list[str] | None = where(lambda row, value: among(row.kpi, value))
    grade_at_least: int | None = where(lambda row, value: row.grade >= value)
    forces_like: strawberry.ID | None = where(
        lambda row, value: peers.like(value, row.force_id),
        "A force's id: only by forces like it.",
        id_of="Force",
    )


@strawberry.enum
class ResultOrder(Enum):
    NEWEST = "newest"
    GRADE = "grade"


def _newest(row: Row, given: Mapping[str, Any]) -> list[Term]:
    return [Term(func.coalesce(row.published_at, row.created_at), descending=True)]


def _grade(row: Row, given: Mapping[str, Any]) -> list[Term]:
    return [Term(row.grade, descending=True)]


RESULT_ORDERS = {ResultOrder.NEWEST: _newest, ResultOrder.GRADE: _grade}
ResultConnection = Connection[Result]
