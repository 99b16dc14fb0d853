"""A pilot's whole life at the level of services, from the wish to the published result."""

import itertools
from typing import Any

import pytest_asyncio
from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.market.evidence import commands, service
from innohub.market.evidence.models import Result
from innohub.market.pilots.models import Pilot, PilotState, PilotStep
from innohub.outbox import audit
from innohub.outbox.models import Event
from tests.market.pilots.cast import Cast, a_cast


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def test_a_pilot_from_the_wish_to_the_published_result(cast: Cast, clock: Any) -> None:
    pilot, result = await cast.decided()
    clock.pass_days(3)
    await cast.step("supplier_client", service.comment, commands.CommentOnResult, pilot, comment="")
    async with cast.database.session() as session:
        stored = await session.get_one(Pilot, pilot.id)
        published = await session.get_one(Result, result.id)
        steps = (await session.scalars(select(PilotStep).order_by(PilotStep.id))).all()
        own = select(Event).where(Event.stream == f"pilot/{pilot.id}").order_by(Event.seq)
        events = (await session.scalars(own)).all()
        verification = await audit.verify(session)
    assert stored.state is PilotState.PUBLISHED
    assert stored.supplier_comment is None
    assert published.published_at == clock.now
    assert [step.verb for step in steps] == [
        "request", "review_overlap", "scope", "accept", "approve", "add_passport_tasks",
        "sign_assurance", "close_passport_tasks", "propose_protocol", "lock_protocol", "start",
        "record_data", "finish", "compute_result", "report", "decide", "comment", "publish",
    ]  # fmt: skip
    for before, after in itertools.pairwise(steps):
        assert after.from_state == before.to_state
    assert [(event.seq, event.type) for event in events] == list(
        enumerate(
            [
                "pilot.requested", "pilot.accepted", "pilot.approved",
                "pilot.protocol_registered", "pilot.started", "pilot.result_submitted",
                "pilot.result_published",
            ],
            start=1,
        )
    )  # fmt: skip
    assert {event.stream for event in events} == {f"pilot/{pilot.id}"}
    assert verification.broken_at is None
    assert verification.entries >= len(steps)


async def test_what_the_outside_hears_names_no_person(cast: Cast) -> None:
    pilot, _ = await cast.decided()
    await cast.step("supplier_admin", service.comment, commands.CommentOnResult, pilot)
    names = {actor.name for actor in cast.actors.values() if actor.person_id}
    async with cast.database.session() as session:
        told = str([event.payload for event in await session.scalars(select(Event))])
    assert not [name for name in names if name in told]
