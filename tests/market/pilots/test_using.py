"""Which forces are told when something befalls a technology: those that rely on it."""

import pytest

from innohub.market.pilots import service
from innohub.market.pilots.models import PilotDecision, PilotForce, PilotState
from tests.factories import the_force
from tests.market.pilots.cast import Cast

S = PilotState
RELYING = {
    S.SCOPING, S.ASSURANCE, S.PROTOCOL_LOCKED, S.RUNNING, S.PAUSED, S.ANALYSING, S.REPORTED,
    S.DECIDED,
}  # fmt: skip


async def using(cast: Cast) -> list[int]:
    async with cast.database.unit_of_work(cast["lead"].signature()) as work:
        return list(await service.forces_using(work, cast.technology.id))


@pytest.mark.parametrize("state", PilotState)
async def test_a_force_uses_what_it_pilots_now(cast: Cast, state: PilotState) -> None:
    pilot = await cast.requested()
    await cast.put(pilot, state=state)
    assert await using(cast) == ([cast.force.id] if state in RELYING else [])


@pytest.mark.parametrize("decision", PilotDecision)
async def test_a_force_uses_what_it_adopted(cast: Cast, decision: PilotDecision) -> None:
    pilot = await cast.requested()
    await cast.put(pilot, state=S.PUBLISHED, decision=decision)
    adopted = decision in {PilotDecision.ADOPT, PilotDecision.ADOPT_WITH_CONDITIONS}
    assert await using(cast) == ([cast.force.id] if adopted else [])


@pytest.mark.parametrize("left", [False, True])
async def test_a_force_that_joined_relies_on_it_until_it_leaves(cast: Cast, left: bool) -> None:
    pilot = await cast.requested()
    other = await the_force(cast.database, "durham")
    now = cast.database.clock()
    async with cast.database.session() as session, session.begin():
        session.add(
            PilotForce(
                pilot_id=pilot.id,
                force_id=other.id,
                left_at=now if left else None,
                created_at=now,
            )
        )
    joined = [] if left else [other.id]
    assert await using(cast) == sorted([cast.force.id, *joined])
