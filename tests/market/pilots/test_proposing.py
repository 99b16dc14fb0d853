"""A wish that is written down first, and checked against the pilots like it later."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from innohub.errors import Conflict, Invalid, WrongState
from innohub.market.catalogue.models import ListingState
from innohub.market.pilots import commands, service
from innohub.market.pilots.models import Pilot, PilotOverlap, PilotState, PilotStep
from innohub.outbox.models import Event
from tests.market.pilots.authority import UNLOCKED_HIDES_FROM, Rule, try_every_state, try_everybody
from tests.market.pilots.cast import Cast, request_fields


async def proposed(cast: Cast, **given: Any) -> Pilot:
    command = commands.ProposePilot.parse(request_fields(cast, **given))
    pilot: Pilot = await cast.do("lead", service.propose, command)
    return pilot


async def to_check(cast: Cast) -> Any:
    return commands.CheckOverlap.parse({"pilot_id": (await proposed(cast)).id})


async def events(cast: Cast) -> list[str]:
    async with cast.database.session() as session:
        return list(await session.scalars(select(Event.type).order_by(Event.id)))


async def test_a_proposed_pilot_waits_and_the_supplier_is_told_nothing(cast: Cast) -> None:
    pilot = await proposed(cast)
    assert pilot.state is PilotState.PROPOSED
    assert await events(cast) == []
    async with cast.database.session() as session:
        step = (await session.scalars(select(PilotStep))).one()
    assert (step.verb, step.from_state, step.to_state) == ("propose", None, "proposed")


async def test_the_check_requests_it_and_goes_on_where_nothing_is_like_it(cast: Cast) -> None:
    pilot = await proposed(cast)
    await cast.step("lead", service.check_overlap, commands.CheckOverlap, pilot)
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.SCOPING
    assert await events(cast) == ["pilot.requested"]
    async with cast.database.session() as session:
        assert (await session.scalars(select(PilotOverlap))).all() == []


async def test_the_check_waits_for_a_choice_where_there_is_its_like(cast: Cast) -> None:
    pilot = await proposed(cast)
    await cast.requested()
    await cast.step("lead", service.check_overlap, commands.CheckOverlap, pilot)
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.OVERLAP_REVIEW
    assert (await events(cast))[-1] == "pilot.overlap_found"


async def test_nothing_is_checked_against_a_listing_that_is_suspended(cast: Cast) -> None:
    pilot = await proposed(cast)
    await cast.list_as(ListingState.SUSPENDED)
    with pytest.raises(WrongState):
        await cast.step("lead", service.check_overlap, commands.CheckOverlap, pilot)


async def test_a_stale_revision_is_refused(cast: Cast) -> None:
    pilot = await proposed(cast)
    command = commands.CheckOverlap(pilot_id=pilot.id, revision=pilot.revision + 1)
    with pytest.raises(Conflict):
        await cast.do("lead", service.check_overlap, command)


async def test_a_start_in_the_past_is_refused(cast: Cast) -> None:
    yesterday = cast.database.clock().date() - timedelta(days=1)
    with pytest.raises(Invalid) as caught:
        await proposed(cast, start_on=yesterday)
    assert caught.value.field == "start_on"


async def test_only_an_innovation_lead_of_the_force_has_it_checked(cast: Cast) -> None:
    hidden = frozenset(UNLOCKED_HIDES_FROM)
    rule = Rule(service.check_overlap, to_check, {"lead"}, hidden, frozenset({PilotState.PROPOSED}))
    await try_everybody(cast, rule)
    await try_every_state(cast, rule)
