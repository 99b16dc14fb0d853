"""A need from the first draft to its publication, and who is told."""

import pytest

from innohub.errors import Conflict, Denied, Invalid, NotFound, WrongState
from innohub.market.challenges import commands, service
from innohub.market.challenges.models import ChallengeForce, ChallengeState
from innohub.market.working_days import add_working_days
from tests.market.challenges.stage import REASON, ChallengeStage, need

S = ChallengeState


async def test_a_draft_may_lack_what_an_opened_challenge_must_have(stage: ChallengeStage) -> None:
    missing = {"baseline_value", "constraints", "budget_from_pence"}
    bare = dict.fromkeys([*missing, "budget_to_pence"])
    challenge = await stage.written(**bare)
    with pytest.raises(Invalid) as refused:
        await stage.take("lead", service.open_to_forces, commands.OpenChallenge, challenge)
    assert {problem.field for problem in refused.value.problems} == missing
    assert (await stage.load(challenge)).state is S.DRAFT
    await stage.take("lead", service.edit, commands.EditChallenge, challenge, **need())
    opened = await stage.take("lead", service.open_to_forces, commands.OpenChallenge, challenge)
    assert opened.state is S.OPEN_FOR_COSPONSORS
    with pytest.raises(Invalid):
        await stage.take("lead", service.edit, commands.EditChallenge, challenge, **need(**bare))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kpi": "happiness"}, "kpi"),
        ({"category": "magic"}, "category"),
        ({"baseline_value": 101}, "baseline_value"),
        ({"budget_to_pence": 1}, "budget_to_pence"),
        ({"budget_to_pence": None}, "budget_to_pence"),
        ({"budget_from_pence": -1}, "budget_from_pence"),
        ({"title": " "}, "title"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_its_field(
    stage: ChallengeStage, given: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await stage.written(**given)
    assert field in {problem.field for problem in refused.value.problems}
    assert await stage.actions() == []


async def test_peers_are_invited_for_ten_working_days(stage: ChallengeStage) -> None:
    challenge = await stage.opened()
    assert challenge.cosponsors_until == add_working_days(stage.today, 10)
    invited = {row.force_id for row in await stage.all(ChallengeForce)}
    assert stage.other_force.id in invited, "where no peers are known, every force is invited"
    assert stage.force.id not in invited
    (text,) = await stage.told("other_lead")
    assert "Co-sponsor it by 16 November 2026" in text
    assert await stage.told("supplier_admin") == []


async def test_publication_needs_a_deadline_that_leaves_forces_their_invitation(
    stage: ChallengeStage,
) -> None:
    challenge = await stage.opened()
    for days in (0, 3):
        with pytest.raises(Invalid) as refused:
            await stage.publish(challenge, days)
        assert refused.value.field == "respond_by"
    published = await stage.publish(challenge)
    assert published.state is S.PUBLISHED
    assert "UK2" in published.notice_text
    assert "£20,000 to £60,000.50" in published.notice_text
    assert "Case files" in published.notice_text


async def test_suppliers_whose_listings_match_are_told_and_so_are_their_systems(
    stage: ChallengeStage,
) -> None:
    # Another category; “redact” and “case” stand in its name and summary.
    await stage.published(category="ai_model")
    challenge = await stage.open_to_suppliers()
    assert len(await stage.told("supplier_editor")) == 1
    assert await stage.told("rival_admin") == []
    market, theirs = await stage.events("challenge.published")
    assert market.supplier_id is None
    assert theirs.supplier_id == stage.supplier.id
    assert (market.seq, theirs.seq) == (1, 1), "each stream counts without gaps"
    assert theirs.payload["budget_to_pence"] == 6_000_050
    assert theirs.payload["challenge_id"] == challenge.id


async def test_a_deadline_is_only_ever_moved_later(stage: ChallengeStage) -> None:
    challenge = await stage.open_to_suppliers()
    assert challenge.respond_by is not None
    act = (service.move_deadline, commands.MoveDeadline)
    with pytest.raises(Invalid):
        await stage.take("sro", *act, challenge, respond_by=challenge.respond_by, reason=REASON)
    later = challenge.respond_by.replace(year=2027)
    moved = await stage.take("sro", *act, challenge, respond_by=later, reason=REASON)
    assert moved.respond_by == later


async def test_a_stale_page_and_a_published_challenge_are_not_edited(
    stage: ChallengeStage,
) -> None:
    challenge = await stage.opened()
    with pytest.raises(Conflict):
        await stage.take(
            "lead", service.edit, commands.EditChallenge, challenge, revision=1, **need()
        )
    await stage.publish(challenge)
    with pytest.raises(WrongState):
        await stage.take("lead", service.edit, commands.EditChallenge, challenge, **need())


async def test_only_the_owner_takes_its_steps(stage: ChallengeStage) -> None:
    challenge = await stage.written()
    act = (service.open_to_forces, commands.OpenChallenge, challenge)
    for part in ("other_lead", "programme_officer", "supplier_admin"):
        with pytest.raises(NotFound):
            await stage.take(part, *act)
    with pytest.raises(Denied):
        await stage.take("analyst", *act)
    await stage.take("lead", *act)
    with pytest.raises(Denied):
        await stage.take("other_lead", *act)


async def test_a_published_challenge_is_withdrawn_with_a_reason_that_everybody_reads(
    stage: ChallengeStage,
) -> None:
    draft = await stage.written()
    act = (service.withdraw_challenge, commands.WithdrawChallenge)
    assert (await stage.take("lead", *act, draft)).state is S.WITHDRAWN
    published = await stage.open_to_suppliers()
    await stage.respond(published)
    with pytest.raises(Invalid) as refused:
        await stage.take("sro", *act, published)
    assert refused.value.field == "reason"
    ended = await stage.take("sro", *act, published, reason=REASON)
    assert (ended.state, ended.closing_reason) == (S.WITHDRAWN, REASON)
    assert any("withdrawn" in text for text in await stage.told("supplier_admin"))
