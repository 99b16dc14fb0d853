"""Who sees which pilot, protocol, step and overlap, as the predicates select them."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import aliased

from innohub.identity.viewer import Viewer
from innohub.market.pilots import commands, policy, service
from innohub.market.pilots.models import Pilot, PilotOverlap, PilotState, PilotStep, Protocol
from tests.market.pilots.cast import Cast, a_technology

INSIDE = {
    "lead", "sro", "chief", "analyst", "second_analyst", "assurance_reviewer", "force_viewer",
    "supplier_admin", "supplier_viewer", "supplier_client", "reading_client",
}  # fmt: skip
READERS = {
    "other_lead", "other_sro", "other_analyst", "other_reviewer", "assurance_officer",
    "catalogue_reviewer", "board_member", "adviser",
}  # fmt: skip


async def seeing(cast: Cast, model: Any, predicate: Any) -> set[str]:
    """The parts of those who see rows of the newest pilot, by the class and by an alias of it."""
    seen = set()
    async with cast.database.session() as session:
        newest = await session.scalar(select(Pilot.id).order_by(Pilot.id.desc()).limit(1))
        for part, actor in cast.actors.items():
            found = []
            for row in (model, aliased(model)):
                owner = row.id if model is Pilot else row.pilot_id
                query = select(owner).where(owner == newest, predicate(row, Viewer(actor)))
                found.append((await session.scalars(query)).first() is not None)
            assert found[0] == found[1], part
            if found[0]:
                seen.add(part)
    return seen


@pytest.mark.parametrize("state", sorted(set(PilotState) - policy.REGISTERED))
async def test_before_the_lock_a_pilot_is_for_the_parties_and_the_register(
    cast: Cast, state: PilotState
) -> None:
    await cast.put(await cast.requested(), state=state)
    assert await seeing(cast, Pilot, policy.visible) == INSIDE | READERS


@pytest.mark.parametrize("state", sorted(policy.REGISTERED))
async def test_from_the_lock_on_a_pilot_is_public(cast: Cast, state: PilotState) -> None:
    await cast.put(await cast.requested(), state=state)
    assert await seeing(cast, Pilot, policy.visible) == set(cast.actors)


async def test_a_trial_from_the_literature_is_public(cast: Cast) -> None:
    pilot = await cast.requested()
    await cast.put(pilot, force_id=None, citation="Somebody 2015", state=PilotState.PROPOSED)
    assert await seeing(cast, Pilot, policy.visible) == set(cast.actors)


async def test_an_unlocked_protocol_is_for_the_parties_and_the_adviser(cast: Cast) -> None:
    await cast.with_protocol()
    assert await seeing(cast, Protocol, policy.protocol_visible) == INSIDE | {"adviser"}


async def test_a_locked_protocol_is_public(cast: Cast) -> None:
    await cast.locked()
    assert await seeing(cast, Protocol, policy.protocol_visible) == set(cast.actors)


async def test_the_timeline_is_for_the_parties_advisers_and_overseers(cast: Cast) -> None:
    await cast.locked()
    assert await seeing(cast, PilotStep, policy.step_visible) == INSIDE | {
        "adviser", "assurance_officer",
    }  # fmt: skip


async def test_an_overlap_is_seen_only_by_who_sees_both_pilots(cast: Cast) -> None:
    from tests.factories import a_supplier

    rivals = await a_technology(cast.database, await a_supplier(cast.database))
    first = await cast.requested(technology_id=rivals.id)
    second = await cast.requested()
    force = {part for part in INSIDE if "supplier" not in part and part != "reading_client"}
    assert await seeing(cast, PilotOverlap, policy.overlap_visible) == force | READERS
    await cast.put(first, state=PilotState.RUNNING)
    assert await seeing(cast, PilotOverlap, policy.overlap_visible) == INSIDE | READERS
    await cast.put(second, state=PilotState.RUNNING)
    assert await seeing(cast, PilotOverlap, policy.overlap_visible) == set(cast.actors)


async def test_predicates_have_one_text_for_viewers_of_one_shape(cast: Cast) -> None:
    for model, predicate in [
        (Pilot, policy.visible),
        (Protocol, policy.protocol_visible),
        (PilotStep, policy.step_visible),
        (PilotOverlap, policy.overlap_visible),
    ]:
        texts = {
            str(select(model).where(predicate(model, Viewer(cast[part]))))
            for part in ("supplier_admin", "rival_admin")
        }
        assert len(texts) == 1


async def test_a_literature_trial_takes_no_step_from_anybody(cast: Cast) -> None:
    from innohub.errors import Denied

    pilot = await cast.locked()
    await cast.put(pilot, force_id=None, citation="Somebody 2015")
    for part in ("lead", "sro", "other_lead"):
        with pytest.raises(Denied):
            await cast.step(part, service.start, commands.StartPilot, pilot)
