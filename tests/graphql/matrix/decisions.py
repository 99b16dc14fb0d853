"""Stages for what waits for a force's leadership."""

from typing import Any

from sqlalchemy import delete

from innohub.db import identifiers
from innohub.identity.models import Role
from innohub.market.decisions.models import DecisionDelegation, DecisionKind
from innohub.market.decisions.sources import scopes
from innohub.market.decisions.sources.shape import KINDS
from innohub.market.pilots.models import PilotState, PilotTurn, TurnKind
from tests.graphql.matrix.listings import REASON, Stage
from tests.graphql.matrix.pilots import TODAY, a_pilot
from tests.graphql.matrix.world import NOW, World, gid


async def a_decision(world: World) -> int:
    """A pilot that the supplier accepted waits for the own force's approval."""
    pilot = await a_pilot(world, PilotState.SCOPING, supplier_accepted_at=NOW)
    turn = PilotTurn(
        pilot_id=pilot.id, kind=TurnKind.APPROVE_SCOPE, organisation_id=pilot.force_id,
        role=Role.FORCE_SENIOR_RESPONSIBLE_OWNER, due_on=TODAY, created_at=NOW,
    )  # fmt: skip
    await world.add(turn)
    return turn.id * KINDS + scopes.NUMBER


async def to_decide(world: World) -> dict[str, Any]:
    id = await a_decision(world)
    return {"decisionId": identifiers.encode("Decision", id), "reason": REASON}


async def to_delegate(world: World) -> dict[str, Any]:
    given = await to_decide(world)
    analyst = world.everybody.people["own force_analyst"].person
    return given | {"personId": gid("Person", analyst), "until": str(TODAY)}


async def to_take_back(world: World) -> dict[str, Any]:
    """The chief officer passed it on to an analyst."""
    async with world.database.session() as session, session.begin():
        await session.execute(delete(DecisionDelegation))
    people = world.everybody.people
    delegation = DecisionDelegation(
        decision_id=await a_decision(world), kind=DecisionKind.APPROVE_SCOPE, line="A pilot",
        force_id=world.everybody.organisation("force").id, until=TODAY, created_at=NOW,
        person_id=people["own force_analyst"].person.id,
        by_id=people["own force_chief_officer"].person.id,
    )  # fmt: skip
    await world.add(delegation)
    return {"delegationId": gid("DecisionDelegation", delegation)}


STAGES: dict[str, Stage] = {
    "approveDecision": to_decide,
    "declineDecision": to_decide,
    "delegateDecision": to_delegate,
    "takeBackDecision": to_take_back,
}
