"""Pilots that answer a challenge: asked for, found by the overlap check, and what they allow."""

from typing import Any

import pytest
from sqlalchemy import select, update

from innohub.errors import Invalid, WrongState
from innohub.market.challenges import commands as asked
from innohub.market.challenges import service as challenges
from innohub.market.challenges.models import Challenge, ChallengeState
from innohub.market.evidence import service as evidence
from innohub.market.evidence.models import PooledEffect, PooledTrial, Result
from innohub.market.pilots.for_challenges import service
from innohub.market.pilots.for_challenges.matching import suppliers_by_kpi
from innohub.market.pilots.models import Pilot, PilotState
from tests.conftest import Clock
from tests.market.challenges.stage import REASON, need
from tests.market.pilots.cast import Cast
from tests.market.pilots.test_request import a_technology, overlaps_of, request_as

S = ChallengeState


async def step(cast: Cast, part: str, operation: Any, command: Any, row: Any, **fields: Any) -> Any:
    return await cast.do(part, operation, command.parse({"challenge_id": row.id, **fields}))


async def published(cast: Cast) -> Challenge:
    written = await cast.do("lead", challenges.draft, asked.DraftChallenge.parse(need()))
    await step(cast, "lead", challenges.open_to_forces, asked.OpenChallenge, written)
    return await step(
        cast, "sro", service.publish, asked.PublishChallenge, written, respond_by="2026-12-02"
    )


async def matching(cast: Cast, clock: Clock) -> Challenge:
    challenge = await published(cast)
    clock.pass_days(31)
    await challenges.tend_challenges(cast.database)
    return challenge


async def test_a_pilot_for_the_same_challenge_is_found_by_the_overlap_check(
    cast: Cast, clock: Clock
) -> None:
    challenge = await matching(cast, clock)
    first = await cast.requested(challenge_id=challenge.id)
    assert first.challenge_id == challenge.id
    other = await a_technology(cast.database, cast.supplier)
    fields = {"technology_id": other.id, "kpi": "repeat_victimisation"}
    second = await cast.requested(**fields, challenge_id=challenge.id)
    assert second.state is PilotState.OVERLAP_REVIEW
    assert await overlaps_of(cast, second) == {first.id: "same_challenge"}
    third = await cast.requested(**fields | {"kpi": "use_of_force", "technology_id": (
        await a_technology(cast.database, cast.supplier)).id})  # fmt: skip
    assert third.state is PilotState.SCOPING, "of another technology, KPI and no challenge"


async def test_a_pilot_answers_a_challenge_that_its_force_sponsors_at_its_time(
    cast: Cast, clock: Clock
) -> None:
    challenge = await published(cast)
    with pytest.raises(Invalid, match="once its responses are closed") as refused:
        await cast.requested(challenge_id=challenge.id)
    assert refused.value.field == "challenge_id"
    with pytest.raises(Invalid, match="no such challenge"):
        await cast.requested(challenge_id=999_999)
    clock.pass_days(31)
    await challenges.tend_challenges(cast.database)
    with pytest.raises(Invalid, match="its force sponsors"):
        await request_as(cast, "other_lead", challenge_id=challenge.id)


async def test_a_challenge_goes_on_as_its_pilots_do(cast: Cast, clock: Clock) -> None:
    challenge = await matching(cast, clock)
    begin = ("sro", service.start_piloting, asked.StartChallengePiloting, challenge)
    close = ("lead", service.close_unmet, asked.CloseChallengeUnmet, challenge)
    with pytest.raises(WrongState, match="scoping"):
        await step(cast, *begin)
    pilot, _ = await cast.decided()
    await cast.put(pilot, challenge_id=challenge.id)
    assert (await step(cast, *begin)).state is S.PILOTING
    with pytest.raises(WrongState, match="not published or stopped"):
        await step(cast, *close, reason=REASON)
    answer = ("lead", evidence.mark_answered, asked.MarkChallengeAnswered, challenge)
    with pytest.raises(WrongState, match="worked or is promising"):
        await step(cast, *answer)
    assert (await cast.load(Challenge, challenge.id)).state is S.PILOTING, "nothing was kept"
    clock.pass_days(30)
    await evidence.publish_due(cast.database)
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.PUBLISHED
    answered = await step(cast, *answer)
    assert answered.state is S.ANSWERED
    assert pilot.title in answered.closing_reason


async def test_suppliers_whose_technology_was_piloted_on_the_kpi_are_told(cast: Cast) -> None:
    await cast.locked()
    challenge = await published(cast)
    async with cast.database.unit_of_work(cast["lead"].signature()) as work:
        assert await suppliers_by_kpi(work, challenge.id) == [cast.supplier.id]


async def test_the_published_pilots_of_a_challenge_are_pooled_whatever_they_tried(
    cast: Cast, clock: Clock
) -> None:
    challenge = await matching(cast, clock)
    first, _ = await cast.decided()
    second, _ = await cast.decided(overlap_choice="independent_check")
    other = await a_technology(cast.database, cast.supplier)
    for pilot in (first, second):
        await cast.put(pilot, challenge_id=challenge.id)
    await cast.put(second, technology_id=other.id)
    async with cast.database.session() as session, session.begin():
        mine = update(Result).where(Result.pilot_id == second.id).values(technology_id=other.id)
        await session.execute(mine)
    clock.pass_days(30)
    assert await evidence.publish_due(cast.database) == 2
    async with cast.database.session() as session:
        widest = PooledEffect.grade_at_least == 1, ~PooledEffect.independent_only
        pooled = (await session.scalars(select(PooledEffect).where(*widest))).all()
        asked = select(PooledTrial.weight).where(PooledTrial.challenge_id == challenge.id)
        weights = [weight for weight in await session.scalars(asked) if weight is not None]
    together = next(one for one in pooled if one.challenge_id == challenge.id)
    assert (together.technology_id, together.kpi) == (None, challenge.kpi)
    assert together.trial_count == 2, "two technologies at one site are two trials"
    assert {one.trial_count for one in pooled if one.technology_id} == {1}
    assert sum(weights) >= 1
    async with cast.database.unit_of_work(cast["lead"].signature()) as work:
        assert await evidence.answering(work) == [(challenge.id, challenge.kpi)]
