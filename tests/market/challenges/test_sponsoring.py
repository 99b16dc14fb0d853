"""Forces join a challenge; two challenges become one."""

import pytest

from innohub.errors import Conflict, Denied, Invalid, NotFound, WrongState
from innohub.market.challenges import commands, service
from innohub.market.challenges.models import Challenge, ChallengeFollower, ChallengeState
from tests.market.challenges.stage import REASON, ChallengeStage

JOIN = (service.cosponsor, commands.CosponsorChallenge)
LEAVE = (service.leave, commands.LeaveChallenge)


async def sponsors(stage: ChallengeStage, challenge: Challenge) -> list[int]:
    async with stage.database.unit_of_work(stage.actors["lead"].signature()) as work:
        return await service.sponsors_of(work, challenge)


async def test_two_forces_that_join_at_once_are_both_counted_once(stage: ChallengeStage) -> None:
    challenge = await stage.opened()
    command = commands.CosponsorChallenge.parse({"challenge_id": challenge.id})
    first, second = await stage.overlap(
        ("other_lead", service.cosponsor, command), ("third_lead", service.cosponsor, command)
    )
    assert isinstance(first, Challenge)
    assert isinstance(second, Challenge)
    assert len(await sponsors(stage, challenge)) == 3
    counted = [e.payload["sponsor_count"] for e in await stage.events("challenge.force_joined")]
    assert counted == [2, 3]


async def test_two_people_of_one_force_join_once(stage: ChallengeStage) -> None:
    challenge = await stage.opened()
    command = commands.CosponsorChallenge.parse({"challenge_id": challenge.id})
    _, second = await stage.overlap(
        ("other_lead", service.cosponsor, command), ("other_sro", service.cosponsor, command)
    )
    assert isinstance(second, Conflict)
    assert len(await sponsors(stage, challenge)) == 2


async def test_the_invitation_lasts_whether_published_or_not_and_then_is_over(
    stage: ChallengeStage,
) -> None:
    challenge = await stage.open_to_suppliers()
    await stage.take("other_lead", *JOIN, challenge, statement="We have the same backlog.")
    assert "Essex Police co-sponsors" in (await stage.told("lead"))[-1]
    stage.database.clock.pass_days(15)  # type: ignore[attr-defined]
    with pytest.raises(WrongState, match="until 16 November 2026"):
        await stage.take("third_lead", *JOIN, challenge)
    with pytest.raises(WrongState):
        await stage.take("other_lead", *JOIN, challenge)


async def test_the_owner_is_no_co_sponsor_and_nobody_joins_a_draft(stage: ChallengeStage) -> None:
    draft = await stage.written()
    with pytest.raises(NotFound):
        await stage.take("other_lead", *JOIN, draft)
    opened = await stage.opened()
    with pytest.raises(Conflict):
        await stage.take("sro", *JOIN, opened)
    with pytest.raises(NotFound):
        await stage.take("other_lead", *LEAVE, opened)
    with pytest.raises(NotFound):
        await stage.take("supplier_admin", *JOIN, opened)


async def test_a_force_that_leaves_sees_no_responses_any_more(stage: ChallengeStage) -> None:
    challenge = await stage.open_to_suppliers()
    await stage.take("other_lead", *JOIN, challenge)
    await stage.take("other_lead", *LEAVE, challenge)
    assert await sponsors(stage, challenge) == [stage.force.id]
    await stage.take("other_lead", *JOIN, challenge)
    assert len(await sponsors(stage, challenge)) == 2


async def test_two_challenges_are_merged_once_both_owners_agree(stage: ChallengeStage) -> None:
    one, into = await stage.opened(), await stage.opened(part="other_lead")
    await stage.take("third_lead", *JOIN, one, statement="We, too.")
    await stage.take("auditor", service.follow, commands.FollowChallenge, one)
    merger = await stage.merger(one, into)
    assert merger.agreed_at is not None
    assert merger.into_agreed_at is None
    merging = commands.MergeChallenges(merger_id=merger.id)
    with pytest.raises(Invalid):
        await stage.do("programme_officer", service.merge, merging)
    agreeing = commands.AgreeToMerger(merger_id=merger.id)
    with pytest.raises(Denied):
        await stage.do("third_lead", service.agree_to_merger, agreeing)
    await stage.do("other_lead", service.agree_to_merger, agreeing)
    with pytest.raises(Denied):
        await stage.do("lead", service.merge, merging)
    await stage.do("programme_officer", service.merge, merging)
    ended = await stage.load(one)
    assert (ended.state, ended.merged_into_id) == (ChallengeState.MERGED, into.id)
    owner, *others = await sponsors(stage, into)
    assert owner == stage.other_force.id
    assert len(others) == 2
    assert stage.force.id in others
    (follower,) = [row for row in await stage.all(ChallengeFollower) if row.challenge_id == into.id]
    assert follower.person_id == stage.people["auditor"].id
    with pytest.raises(WrongState):
        await stage.do("programme_officer", service.merge, merging)


async def test_a_merger_is_proposed_once_by_an_owner_or_the_company(stage: ChallengeStage) -> None:
    one, into = await stage.opened(), await stage.opened(part="other_lead")
    with pytest.raises(Denied):
        await stage.merger(one, into, "third_lead")
    proposed = await stage.merger(one, into, "programme_officer")
    assert (proposed.agreed_at, proposed.into_agreed_at) == (None, None)
    for pair in ((one, into), (into, one)):
        with pytest.raises(Conflict):
            await stage.merger(*pair, "other_lead")
    with pytest.raises(Invalid):
        await stage.merger(one, one)
    await stage.publish(one)
    with pytest.raises(WrongState):
        await stage.do(
            "lead", service.agree_to_merger, commands.AgreeToMerger(merger_id=proposed.id)
        )
    assert proposed.reason == REASON
