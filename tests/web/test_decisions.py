"""The chief officer's page: what waits, how it is decided, and how it is passed on."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import delete, select, update

from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, Denied, InnoHubError, Invalid, NotFound
from innohub.identity.models import Membership, Role
from innohub.market.challenges import commands as challenges
from innohub.market.challenges import service as of_challenges
from innohub.market.challenges.models import ChallengeForce
from innohub.market.decisions import commands, service
from innohub.market.decisions.models import DecisionDelegation
from innohub.market.decisions.sources import cosponsoring
from innohub.market.decisions.sources.shape import KINDS
from innohub.notices.models import Notice
from innohub.outbox.models import AuditEntry
from tests.conftest import Clock
from tests.market.challenges.stage import REASON, ChallengeStage, a_challenge_stage
from tests.web.parts import as_actor
from tests.web.visitor import Visitor


@pytest_asyncio.fixture
async def stage(database: Database, clock: Clock) -> ChallengeStage:
    # What waits today is asked of the database, whose clock no test moves.
    clock.now = datetime.now(UTC)
    return await a_challenge_stage(database)


async def invited(stage: ChallengeStage, **given: Any) -> int:
    """Another force's challenge; the id of the decision whether one's own co-sponsors it."""
    challenge = await stage.opened(part="other_lead", **given)
    async with stage.database.session() as session:
        row = await session.scalar(
            select(ChallengeForce.id).where(
                ChallengeForce.challenge_id == challenge.id,
                ChallengeForce.force_id == stage.force.id,
            )
        )
    assert row is not None
    return row * KINDS + cosponsoring.NUMBER


async def delegated(stage: ChallengeStage, decision: int, to: str = "analyst") -> int:
    command = commands.DelegateDecision(
        decision_id=decision, person_id=stage.people[to].id, until=stage.today
    )
    made: DecisionDelegation = await stage.do("chief", service.delegate, command)
    return made.id


def approval(decision: int) -> commands.ApproveDecision:
    return commands.ApproveDecision(decision_id=decision, reason=REASON)


async def test_five_stand_on_the_page_by_deadline_then_money_and_the_rest_is_counted(
    visitor: Visitor, stage: ChallengeStage
) -> None:
    for pence in (300, 900, 500, 100, 700, 200):
        given = {"budget_from_pence": 100, "budget_to_pence": pence * 100}
        await invited(stage, title=f"Worth {pence}", **given)
    await as_actor(visitor, stage.actors["chief"])
    page = await visitor.see("/decisions")
    assert page.heading == "6 decisions wait for you"
    assert "Decide for your force: 6 decisions" in (await visitor.see("/")).main.text
    shown = [h.text for h in page.main.all("h3")]
    assert [line.split("”")[0][1:] for line in shown] == [
        "Worth 900", "Worth 700", "Worth 500", "Worth 300", "Worth 200",
    ]  # fmt: skip
    for words in ("£900", "Your force does not join.", "No result on this indicator yet"):
        assert words in page.main.text
    page = await visitor.see(page.links("See the other one as well")[0])
    assert len(page.main.all("h3")) == 6
    await as_actor(visitor, stage.actors["lead"])
    page = await visitor.see("/decisions")
    assert page.heading == "Nothing waits for you"


async def test_what_is_declined_is_declined_by_the_challenges_own_command_and_stands_as_done(
    visitor: Visitor, stage: ChallengeStage
) -> None:
    decision = await invited(stage, title="Blacked out by hand")
    await as_actor(visitor, stage.actors["chief"])
    here = f"/decisions/{decision}"
    page = await visitor.send(here, "decline", {"reason": "No"})
    assert page.problems == ["Reason must be 10 characters or more"]
    page = await visitor.send(here, "decline", {"reason": REASON})
    assert page.flash.startswith("Decided: “Blacked out by hand”")
    assert page.heading == "Nothing waits for you"
    assert "Declined: Blacked out by hand" in page.main.text
    assert (await visitor.see(here)).status == 404
    (row,) = [r for r in await stage.all(ChallengeForce) if r.force_id == stage.force.id]
    assert (row.declined_reason, row.joined_at) == (REASON, None)
    with pytest.raises(Conflict, match="declined this invitation already"):
        await stage.do(
            "lead", of_challenges.decline_invitation,
            challenges.DeclineInvitation(challenge_id=row.challenge_id, reason=REASON),
        )  # fmt: skip
    # Having declined, it may think again.
    joining = challenges.CosponsorChallenge(challenge_id=row.challenge_id)
    await stage.do("lead", of_challenges.cosponsor, joining)


async def test_a_delegate_decides_in_the_name_of_both_and_it_is_logged(
    visitor: Visitor, stage: ChallengeStage
) -> None:
    decision = await invited(stage)
    await as_actor(visitor, stage.actors["analyst"])
    here = f"/decisions/{decision}"
    assert (await visitor.see(here)).status == 404
    await as_actor(visitor, stage.actors["chief"])
    until = stage.today + timedelta(days=2)
    day = {"until-day": str(until.day), "until-month": str(until.month)}
    analyst = stage.people["analyst"]
    page = await visitor.see(here)
    who = next(o for o in page.form("delegate").all("option") if o.text == analyst.name)
    given = {"person_id": who["value"], **day, "until-year": str(until.year)}
    page = await visitor.send(here, "delegate", given)
    assert f"Passed on to {analyst.name}" in page.main.text
    assert page.has_form("take_back")
    await as_actor(visitor, stage.actors["analyst"])
    page = await visitor.see("/decisions")
    assert f"{stage.people['chief'].name} asks you to decide in their place" in page.main.text
    page = await visitor.see(here)
    assert not page.has_form("delegate")
    page = await visitor.send(here, "approve", {"reason": REASON})
    assert page.flash.startswith("Decided:")
    (row,) = [r for r in await stage.all(ChallengeForce) if r.force_id == stage.force.id]
    assert row.statement == REASON
    (entry,) = [e for e in await stage.all(AuditEntry) if e.action == "decision:approve"]
    assert entry.person_id == analyst.id
    assert entry.detail["on_behalf_of"] == stage.people["chief"].id
    told = [n for n in await stage.all(Notice) if n.person_id == stage.people["chief"].id]
    assert any("decided in your place" in notice.text for notice in told)


async def test_a_delegation_lapses_at_its_date_and_with_the_role_of_who_gave_it(
    stage: ChallengeStage,
) -> None:
    decision = await invited(stage)
    id = await delegated(stage, decision)
    yesterday = stage.today - timedelta(days=1)
    await change(stage, update(DecisionDelegation).values(until=yesterday))
    with pytest.raises(NotFound):
        await stage.do("analyst", service.approve, approval(decision))
    await change(stage, update(DecisionDelegation).values(until=stage.today))
    seat = (Membership.person_id == stage.people["chief"].id) & (
        Membership.role == Role.FORCE_CHIEF_OFFICER
    )
    await change(stage, delete(Membership).where(seat))
    with pytest.raises(NotFound):
        await stage.do("analyst", service.approve, approval(decision))
    await stage.do("sro", service.take_back, commands.TakeBackDecision(delegation_id=id))
    with pytest.raises(NotFound):
        await stage.do("sro", service.take_back, commands.TakeBackDecision(delegation_id=id))


async def test_it_is_passed_on_once_within_the_force_for_a_time(stage: ChallengeStage) -> None:
    decision = await invited(stage)
    for to, days, error in (
        ("other_sro", 1, "somebody of your own force"),
        ("chief", 1, "somebody else"),
        ("analyst", -1, "within 90 days"),
        ("analyst", 91, "within 90 days"),
    ):
        command = commands.DelegateDecision(
            decision_id=decision,
            person_id=stage.people[to].id,
            until=stage.today + timedelta(days=days),
        )
        with pytest.raises(Invalid, match=error):
            await stage.do("chief", service.delegate, command)
    await delegated(stage, decision)
    onward = commands.DelegateDecision(
        decision_id=decision, person_id=stage.people["sro"].id, until=stage.today
    )
    with pytest.raises(Denied, match="cannot pass on"):
        await stage.do("analyst", service.delegate, onward)
    # Passed on anew, the first delegate has it no longer.
    await delegated(stage, decision, "reviewer")
    with pytest.raises(NotFound):
        await stage.do("analyst", service.approve, approval(decision))
    await stage.do("reviewer", service.approve, approval(decision))


async def test_of_two_who_decide_at_once_one_does(stage: ChallengeStage) -> None:
    decision = await invited(stage)
    await delegated(stage, decision)
    found = await asyncio.gather(
        stage.do("chief", service.approve, approval(decision)),
        stage.do("analyst", service.approve, approval(decision)),
        return_exceptions=True,
    )
    refused = [one for one in found if isinstance(one, BaseException)]
    assert len(refused) == 1
    assert isinstance(refused[0], InnoHubError)
    joined = [r for r in await stage.all(ChallengeForce) if r.joined_at is not None]
    assert [row.force_id for row in joined] == [stage.force.id]


async def test_what_cannot_be_chosen_is_refused_by_name(stage: ChallengeStage) -> None:
    decision = await invited(stage)
    command = approval(decision).model_copy(update={"choice": "adopt"})
    with pytest.raises(Invalid, match="nothing to choose"):
        await stage.do("chief", service.approve, command)


async def change(stage: ChallengeStage, statement: Any) -> None:
    async with stage.database.session() as session, session.begin():
        await session.execute(statement)
