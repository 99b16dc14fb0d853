"""The further KPIs of a pilot beside its primary one: their data, and all effects together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid
from innohub.market.evidence.computation import Basis, compute, same_number
from innohub.market.evidence.events import FurtherEffect
from innohub.market.evidence.grading import Lowering
from innohub.market.evidence.measured import name_of
from innohub.market.evidence.models import OutcomeEffect, Result
from innohub.market.evidence.outcome_effects import FACTS, NUMBERS, ROLES, effect_of
from innohub.market.evidence.recording import (
    basis_of,
    datasets_behind,
    datasets_of,
)
from innohub.market.pilots import service as pilots
from innohub.market.pilots.models import Pilot
from innohub.market.pilots.outcomes.models import ProtocolOutcome


@dataclass(frozen=True)
class Beside:
    """A further KPI, and what its effect hangs on."""

    outcome_id: int
    dataset_id: int
    given: Basis


@dataclass(frozen=True)
class Computed:
    """All that a result says: the columns of it, and those of each OutcomeEffect."""

    result: dict[str, Any]
    effects: list[dict[str, Any]]


def compute_all(given: Basis, beside: Sequence[Beside]) -> Computed:
    """Raises Invalid where the primary KPI has no answer."""
    effects = [effect_of(one.given) for one in beside]
    breaches = tuple(effect["breach"] for effect in effects if effect["breach"])
    return Computed(compute(replace(given, breaches=breaches)), effects)


async def newest_beside(
    work: UnitOfWork, pilot: Pilot, lowering: Lowering | None
) -> tuple[list[Beside], list[str]]:
    """From the newest data: each further KPI that has an effect to compute, and of every other one
    a sentence that it was registered and is not reported."""
    found, unreported = [], []
    for outcome in await pilots.outcomes_of(work, pilot):
        newest = await datasets_of(work, pilot, outcome_id=outcome.id)
        datasets = sorted(newest.values(), key=lambda dataset: dataset.version)
        try:
            if not datasets:
                raise Invalid("No data of it were handed in.")
            given = await basis_of(work, pilot, datasets, lowering, outcome)
        except Invalid as error:
            # Of several forces, all together may lack a group: that stops no other KPI.
            what = f"{await name_of(work, outcome)} ({ROLES[outcome.role]})"
            unreported.append(f"{what}: registered, not reported. {error.message}")
            continue
        found.append(Beside(outcome.id, datasets[-1].id, given))
    return found, unreported


async def stored_beside(
    work: UnitOfWork, pilot: Pilot, result: Result, lowering: Lowering | None
) -> tuple[list[Beside], list[OutcomeEffect]]:
    """From the data of a result: what stands beside it, and its rows in the same order."""
    effects = await effects_of(work, result)
    found = []
    for effect in effects:
        outcome = await pilots.outcome_of(work, pilot, effect.outcome_id)
        datasets = await datasets_behind(work, pilot, effect)
        given = await basis_of(work, pilot, datasets, lowering, outcome)
        found.append(Beside(outcome.id, effect.dataset_id, given))
    return found, effects


async def effects_of(work: UnitOfWork, result: Result) -> list[OutcomeEffect]:
    """In the order in which their KPIs were registered."""
    found = await work.session.scalars(
        select(OutcomeEffect)
        .where(OutcomeEffect.result_id == result.id)
        .order_by(OutcomeEffect.outcome_id)
    )
    return list(found)


def keep(work: UnitOfWork, result: Result, beside: Sequence[Beside], computed: Computed) -> None:
    """Store the effects with their result, which has its id."""
    for one, effect in zip(beside, computed.effects, strict=True):
        work.session.add(
            OutcomeEffect(
                **effect,
                result_id=result.id,
                outcome_id=one.outcome_id,
                dataset_id=one.dataset_id,
                created_at=work.now,
            )
        )


def differing(effect: OutcomeEffect, again: dict[str, Any]) -> list[str]:
    """As `computation.differences`."""
    found = [name for name in FACTS if getattr(effect, name) != again[name]]
    return found + [n for n in NUMBERS if not same_number(getattr(effect, n), again[n])]


async def kpis_of(work: UnitOfWork, result: Result) -> list[str]:
    """Every indicator that the result has an effect on, each once, its primary one first."""
    found = await work.session.scalars(
        select(ProtocolOutcome.kpi)
        .join(OutcomeEffect, OutcomeEffect.outcome_id == ProtocolOutcome.id)
        .where(OutcomeEffect.result_id == result.id, ProtocolOutcome.population == "")
        .order_by(ProtocolOutcome.kpi)
    )
    return list(dict.fromkeys([result.kpi, *found]))


async def outgoing(work: UnitOfWork, result: Result) -> list[FurtherEffect]:
    """The effects as the outside hears of them: without any count of people."""
    found = await work.session.execute(
        select(ProtocolOutcome, OutcomeEffect)
        .join(OutcomeEffect, OutcomeEffect.outcome_id == ProtocolOutcome.id)
        .where(OutcomeEffect.result_id == result.id)
        .order_by(ProtocolOutcome.id)
    )
    of_plan = ("role", "kpi", "population", "direction", "unit", "design")
    of_effect = ("scale", "effect", "lower", "upper", "p_value", "grade", "finding", "breach")
    return [
        FurtherEffect(
            **{name: getattr(outcome, name) for name in of_plan},
            **{name: getattr(effect, name) for name in of_effect},
        )
        for outcome, effect in found
    ]
