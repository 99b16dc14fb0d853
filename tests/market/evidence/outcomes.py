"""Further KPIs on a protocol, and their data, step by step."""

from typing import Any

from sqlalchemy import select

from innohub.market.evidence import commands, service
from innohub.market.evidence.models import OutcomeEffect, Result
from innohub.market.pilots import commands as pilot_commands
from innohub.market.pilots import service as pilots
from innohub.market.pilots.models import Pilot, Protocol
from innohub.market.pilots.outcomes.commands import AddOutcome
from innohub.market.pilots.outcomes.models import ProtocolOutcome
from tests.market.pilots.cast import CELLS, Cast

SECONDARY = {"role": "secondary", "kpi": "repeat_victimisation"}
SAFETY = {
    "role": "safety_harm",
    "kpi": "false_positive_alert_rate",
    "design": "after_only",
    "limit_high": 0.05,
}
EQUALITY = {
    "role": "equality",
    "kpi": "case_file_quality_pass",
    "population": "Files about women",
    "limit_low": 0.1,
}
ALARMS = [{"arm": "treatment", "period": "after", "events": 30, "n": 400}]
FEW_ALARMS = [{"arm": "treatment", "period": "after", "events": 10, "n": 400}]
REPEATS = [
    {"arm": "treatment", "period": "after", "events": 20, "n": 200},
    {"arm": "comparison", "period": "after", "events": 40, "n": 200},
]


async def add(cast: Cast, pilot: Pilot, part: str = "analyst", **given: Any) -> ProtocolOutcome:
    """Register a KPI on the protocol as it stands."""
    async with cast.database.session() as session:
        query = select(Protocol.revision).where(Protocol.pilot_id == pilot.id)
        revision = given.pop("revision", await session.scalar(query))
    command = AddOutcome.parse({"pilot_id": pilot.id, "revision": revision, **given})
    outcome: ProtocolOutcome = await cast.do(part, pilots.add_outcome, command)
    return outcome


async def running_with(
    cast: Cast, *wanted: dict[str, Any], **given: Any
) -> tuple[Pilot, list[ProtocolOutcome]]:
    """A pilot whose locked protocol registers them."""
    pilot, _ = await cast.with_protocol(**given)
    outcomes = [await add(cast, pilot, **one) for one in wanted]
    lock = pilot_commands.LockProtocol.parse({"pilot_id": pilot.id})
    await cast.do("second_analyst", pilots.lock_protocol, lock)
    await cast.step("lead", pilots.start, pilot_commands.StartPilot, pilot)
    return pilot, outcomes


async def finish(cast: Cast, pilot: Pilot) -> None:
    await cast.step("sro", pilots.finish, pilot_commands.FinishPilot, pilot)


async def confirm(cast: Cast, result: Result) -> Result:
    command = commands.ConfirmResult.parse({"result_id": result.id})
    confirmed: Result = await cast.do("second_analyst", service.confirm, command)
    return confirmed


async def effects(cast: Cast, result: Result) -> list[OutcomeEffect]:
    async with cast.database.session() as session:
        query = select(OutcomeEffect).where(OutcomeEffect.result_id == result.id)
        return list(await session.scalars(query.order_by(OutcomeEffect.outcome_id)))


async def published_with_all(cast: Cast, **given: Any) -> Pilot:
    """A broken stop rule, an equality group too small to tell of, a KPI that nobody reported."""
    pilot, (repeats, alarms, women, _) = await running_with(
        cast,
        SECONDARY,
        SAFETY,
        EQUALITY,
        {"role": "secondary", "kpi": "cost_per_case"},
        **given,
    )
    await cast.record(pilot, CELLS)
    await cast.record(pilot, REPEATS, outcome_id=repeats.id)
    await cast.record(pilot, ALARMS, outcome_id=alarms.id)
    few = [
        {"arm": "treatment", "period": "after", "events": 5, "n": 8},
        {"arm": "comparison", "period": "after", "events": 5, "n": 9},
    ]
    await cast.record(pilot, few, outcome_id=women.id)
    await finish(cast, pilot)
    await confirm(cast, await cast.compute(pilot))
    await cast.decide(pilot)
    await cast.step("supplier_admin", service.comment, commands.CommentOnResult, pilot)
    return pilot
