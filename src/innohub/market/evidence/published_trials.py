"""The published effects on one indicator that may be pooled, whatever the indicator was in its
trial."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.models import Organisation
from innohub.market.evidence.estimators.result import Method
from innohub.market.evidence.estimators.trial import KpiType
from innohub.market.evidence.models import OutcomeEffect, Result
from innohub.market.evidence.synthesis.scale import Trial
from innohub.market.pilots.models import EvaluatedBy, OverlapChoice, Pilot, Protocol
from innohub.market.pilots.outcomes.models import ProtocolOutcome


async def trials_of(work: UnitOfWork, technology_id: int, kpi: str) -> list[Trial]:
    """Of one technology: the newest published effect of each pilot on the indicator, the primary
    ones first, each the newest first. What was measured for one group of people alone is no effect
    on everybody."""
    return await _trials(work, Result.technology_id == technology_id, kpi)


async def trials_for(work: UnitOfWork, challenge_id: int, kpi: str) -> list[Trial]:
    """As `trials_of`, of the pilots for one challenge, whatever the technology. Two technologies at
    one place are two trials."""
    return await _trials(work, Pilot.challenge_id == challenge_id, kpi, apart=True)


async def _trials(
    work: UnitOfWork, which: ColumnElement[bool], kpi: str, *, apart: bool = False
) -> list[Trial]:
    newest = _newest_results(which)
    primary = newest.where(Result.kpi == kpi)
    further = (
        newest.add_columns(OutcomeEffect, ProtocolOutcome)
        .join(OutcomeEffect, OutcomeEffect.result_id == Result.id)
        .join(ProtocolOutcome, ProtocolOutcome.id == OutcomeEffect.outcome_id)
        .where(
            ProtocolOutcome.kpi == kpi,
            ProtocolOutcome.population == "",
            OutcomeEffect.effect.is_not(None),
        )
    )
    # What a trial was planned for comes before what it also looked at.
    found = [(row[0], _trial(*row)) for row in await work.session.execute(primary)]
    found += [(row[0], _beside(*row)) for row in await work.session.execute(further)]
    return [_apart(result, trial) if apart else trial for result, trial in found]


def _apart(result: Result, trial: Trial) -> Trial:
    return replace(trial, place=(result.technology_id, trial.place))


def _newest_results(which: ColumnElement[bool]) -> Any:
    newer = aliased(Result)
    newest = (
        select(func.max(newer.revision))
        .where(newer.pilot_id == Result.pilot_id, newer.published_at.is_not(None))
        .correlate(Result)
        .scalar_subquery()
    )
    return (
        select(Result, Pilot, Protocol, Organisation.name)
        .join(Pilot, Pilot.id == Result.pilot_id)
        .join(Protocol, Protocol.pilot_id == Pilot.id)
        .outerjoin(Organisation, Organisation.id == Pilot.force_id)
        .where(
            which,
            Result.published_at.is_not(None),
            Result.revision == newest,
        )
        .order_by(Result.published_at.desc(), Result.id.desc())
    )


def _beside(
    result: Result,
    pilot: Pilot,
    protocol: Protocol,
    force: str | None,
    effect: OutcomeEffect,
    outcome: ProtocolOutcome,
) -> Trial:
    """The same trial, for what it says of a further KPI."""
    told: Any = effect
    return replace(
        _trial(result, pilot, protocol, force),
        kpi_type=KpiType(outcome.kpi_type),
        direction=outcome.direction,
        unit=outcome.unit,
        grade=effect.grade,
        # The query takes those with numbers alone.
        scale=told.scale,
        effect=told.effect,
        lower=told.lower,
        upper=told.upper,
        baseline=None,
        minimum=outcome.minimum_important_effect,
        secondary=effect.secondary,
        role=outcome.role,
        analyst_supplied=effect.method == Method.ANALYST_SUPPLIED,
    )


def _trial(result: Result, pilot: Pilot, protocol: Protocol, force: str | None) -> Trial:
    independent = (
        pilot.evaluated_by is EvaluatedBy.INDEPENDENT
        or pilot.overlap_choice is OverlapChoice.INDEPENDENT_CHECK
    )
    return Trial(
        result_id=result.id,
        name=f"{force}, {pilot.site}" if force else pilot.site,
        place=(pilot.force_id, pilot.site.strip().casefold()),
        kpi_type=KpiType(protocol.kpi_type),
        direction=protocol.direction,
        unit=protocol.unit,
        grade=result.grade,
        independent=independent,
        scale=result.scale,
        effect=result.effect,
        lower=result.lower,
        upper=result.upper,
        baseline=protocol.baseline_value,
        minimum=protocol.minimum_important_effect,
        secondary=result.secondary,
        analyst_supplied=result.method == Method.ANALYST_SUPPLIED,
    )
