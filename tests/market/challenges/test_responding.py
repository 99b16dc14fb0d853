"""Questions, answers and responses, until the hub closes them at the deadline."""

import pytest

from innohub.errors import Conflict, Denied, Invalid, NotFound, WrongState
from innohub.hub.database import database_of
from innohub.market.challenges import commands, policy, service
from innohub.market.challenges.models import (
    Challenge,
    ChallengeResponse,
    ChallengeState,
)
from innohub.market.finding.service import tell_of_new_listings
from innohub.notices.models import Notice
from tests.market.challenges.stage import OWN, REASON, REGISTER, ChallengeStage, offer
from tests.market.challenges.test_sponsoring import JOIN

S = ChallengeState


async def test_the_first_question_begins_the_clarifying_and_answers_are_public(
    stage: ChallengeStage,
) -> None:
    challenge = await stage.open_to_suppliers()
    question = await stage.ask(challenge)
    assert (await stage.load(challenge)).state is S.CLARIFYING
    await stage.ask(challenge, "rival_admin")
    answer = commands.AnswerQuestion(question_id=question.id, answer="Ledger, by Tarn.")
    for part in ("other_lead", "supplier_admin"):
        with pytest.raises(Denied):
            await stage.do(part, service.answer, answer)
    await stage.take("other_lead", *JOIN, challenge)
    await stage.do("other_lead", service.answer, answer)
    with pytest.raises(Conflict):
        await stage.do("lead", service.answer, answer)
    assert "answered" in (await stage.told("supplier_admin"))[-1]
    assert await stage.who_sees(type(question), policy.question_visible, question.id) == set(
        stage.actors
    )


async def test_a_supplier_has_one_response_and_changes_it_until_the_deadline(
    stage: ChallengeStage,
) -> None:
    technology = await stage.published()
    challenge = await stage.open_to_suppliers()
    response = await stage.respond(challenge, technology_id=technology.id)
    assert response.listing_version_id == technology.current_version_id
    with pytest.raises(Conflict):
        await stage.respond(challenge)
    changed = await stage.respond(
        challenge, "responding_client", revision=response.revision, price_to_pence=1_600_000
    )
    assert (changed.id, changed.technology_id) == (response.id, None)
    with pytest.raises(Invalid) as refused:
        await stage.respond(challenge, "rival_admin", technology_id=technology.id)
    assert refused.value.field == "technology_id"
    with pytest.raises(Denied):
        await stage.respond(challenge, "supplier_editor")
    assert len([text for text in await stage.told("lead") if "responds" in text]) == 1


async def test_two_first_responses_of_one_supplier_are_one_and_a_conflict(
    stage: ChallengeStage,
) -> None:
    challenge = await stage.open_to_suppliers()
    command = commands.RespondToChallenge.parse({"challenge_id": challenge.id, **offer()})
    _, second = await stage.overlap(
        ("supplier_admin", service.respond, command),
        ("responding_client", service.respond, command),
    )
    assert isinstance(second, Conflict)
    assert len(await stage.all(ChallengeResponse)) == 1


async def test_a_response_is_read_by_its_supplier_and_the_sponsors_and_later_by_the_board(
    stage: ChallengeStage,
) -> None:
    challenge = await stage.open_to_suppliers()
    response = await stage.respond(challenge)
    see = (ChallengeResponse, policy.response_visible, response.id)
    suppliers = {"supplier_admin", "supplier_editor", "supplier_viewer", "responding_client"}
    assert await stage.who_sees(*see) == OWN | suppliers
    await stage.take("other_lead", *JOIN, challenge)
    essex = {"other_lead", "other_sro", "other_reviewer"}
    assert await stage.who_sees(*see) == OWN | suppliers | essex
    await stage.put(challenge, state=S.MATCHING)
    board = {"board_member", "programme_officer", "auditor"}
    assert await stage.who_sees(*see) == OWN | suppliers | essex | board
    await stage.put(challenge, state=S.PUBLISHED)
    withdraw = commands.WithdrawResponse(response_id=response.id)
    with pytest.raises(NotFound):
        await stage.do("rival_admin", service.withdraw_response, withdraw)
    await stage.do("supplier_admin", service.withdraw_response, withdraw)
    assert await stage.who_sees(*see) == suppliers


async def test_who_sees_a_challenge_from_draft_to_publication(stage: ChallengeStage) -> None:
    challenge = await stage.written()
    see = (Challenge, policy.visible, challenge.id)
    assert await stage.who_sees(*see) == OWN
    await stage.take("lead", service.open_to_forces, commands.OpenChallenge, challenge)
    assert await stage.who_sees(*see) == REGISTER
    await stage.publish(challenge)
    assert await stage.who_sees(*see) == set(stage.actors)


async def test_the_hub_reminds_and_closes_the_responses_after_the_last_day(
    stage: ChallengeStage,
) -> None:
    challenge = await stage.open_to_suppliers()
    await stage.respond(challenge)
    await stage.ask(challenge)
    clock = stage.database.clock
    clock.pass_days(12)  # type: ignore[attr-defined]
    for _ in range(2):
        await service.tend_challenges(stage.database)
    assert sum("can co-sponsor" in text for text in await stage.told("other_lead")) == 1
    clock.pass_days(14)  # type: ignore[attr-defined]
    for _ in range(2):
        await service.tend_challenges(stage.database)
    assert sum("wait for your answer" in text for text in await stage.told("lead")) == 1
    clock.pass_days(4)  # type: ignore[attr-defined]
    await service.tend_challenges(stage.database)
    assert (await stage.load(challenge)).state is S.CLARIFYING, "the last day counts"
    clock.pass_days(1)  # type: ignore[attr-defined]
    with pytest.raises(WrongState, match="deadline has passed"):
        await stage.respond(challenge, "rival_admin")
    await service.tend_challenges(stage.database)
    assert (await stage.load(challenge)).state is S.MATCHING
    with pytest.raises(WrongState):
        await stage.ask(challenge)
    count = len(await stage.all(Notice))
    await service.tend_challenges(stage.database)
    assert len(await stage.all(Notice)) == count


async def test_an_owner_whose_invitation_is_over_is_asked_to_publish(stage: ChallengeStage) -> None:
    await stage.opened()
    stage.database.clock.pass_days(15)  # type: ignore[attr-defined]
    await service.tend_challenges(stage.database)
    assert "Publish it, or withdraw it" in (await stage.told("sro"))[-1]


async def test_a_challenge_that_nobody_answers_is_closed_with_a_reason(
    stage: ChallengeStage,
) -> None:
    challenge = await stage.matching()
    act = (service.close_unmet, commands.CloseChallengeUnmet, challenge)
    with pytest.raises(Denied):
        await stage.take("other_sro", *act, reason=REASON)
    closed = await stage.take("sro", *act, reason=REASON)
    assert (closed.state, closed.closing_reason) == (S.CLOSED_UNMET, REASON)


async def test_people_follow_a_challenge_and_are_told(stage: ChallengeStage) -> None:
    challenge = await stage.open_to_suppliers()
    for _ in range(2):
        await stage.take("rival_admin", service.follow, commands.FollowChallenge, challenge)
    question = await stage.ask(challenge)
    answer = commands.AnswerQuestion(question_id=question.id, answer="Ledger, by Tarn.")
    await stage.do("lead", service.answer, answer)
    assert len(await stage.told("rival_admin")) == 1
    await stage.take("rival_admin", service.unfollow, commands.UnfollowChallenge, challenge)
    with pytest.raises(Denied):
        await stage.take("responding_client", service.follow, commands.FollowChallenge, challenge)


async def test_a_listing_published_while_suppliers_respond_is_told_to_both_sides_once(
    stage: ChallengeStage,
) -> None:
    # With the places of events in the feed, as the hub has them.
    stage.database = database_of(stage.database.engine, clock=stage.database.clock)
    challenge = await stage.open_to_suppliers()
    answered = await stage.open_to_suppliers(title="Another need for the same kind of thing")
    await stage.respond(answered)
    closed = await stage.opened(title="Not open to suppliers, though of the same kind")
    technology = await stage.published(category=challenge.category)
    for _ in range(2):
        await tell_of_new_listings(stage.database)
    fits = [text for text in await stage.told("supplier_admin") if technology.name in text]
    assert len(fits) == 1
    assert challenge.title in fits[0]
    new = [text for text in await stage.told("lead") if text.startswith(technology.name)]
    assert [challenge.title in text for text in new] == [True]
    assert not any(closed.title in text for text in new)
