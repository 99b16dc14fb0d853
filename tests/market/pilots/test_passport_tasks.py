"""Tasks for exactly what the passport leaves open: made once, and closed by themselves."""

import asyncio
from typing import Any

from sqlalchemy import select

from innohub.identity.actor import SYSTEM
from innohub.identity.models import ReviewerType
from innohub.market.assurance.commands import RejectItem, RespondToItem, VerifyItem
from innohub.market.assurance.models import AssuranceItem, AssuranceStatus, PassportResponse
from innohub.market.pilots import commands, service
from innohub.market.pilots.models import Pilot, PilotStep, PilotTurn, TurnKind
from innohub.market.pilots.together.models import PilotSide, PilotTask, TaskState
from innohub.market.working_days import add_working_days
from innohub.notices.models import Notice
from tests.conftest import Clock
from tests.market.pilots.cast import Cast
from tests.market.pilots.test_gates import a_reviewer, verified

ACCEPTED = PassportResponse.ACCEPTED_AS_IS
LOCAL = PassportResponse.NEEDS_LOCAL_ASSESSMENT
ALL = {reviewer.value for reviewer in ReviewerType}
WHY = "It says what we need to know."


async def tasks(cast: Cast, pilot: Pilot, *states: TaskState) -> dict[str, PilotTask]:
    """By key, without its beginning; in these states only, where some are named."""
    async with cast.database.session() as session:
        found = await session.scalars(select(PilotTask).where(PilotTask.pilot_id == pilot.id))
        return {
            str(task.key).removeprefix("passport:"): task
            for task in found
            if not states or task.state in states
        }


async def left_open(cast: Cast, pilot: Pilot) -> set[str]:
    return set(await tasks(cast, pilot, TaskState.OPEN))


async def item_of(cast: Cast, type_: str) -> AssuranceItem:
    async with cast.database.session() as session:
        query = select(AssuranceItem).where(AssuranceItem.type == type_)
        return (await session.scalars(query)).one()


async def answer(cast: Cast, type_: str, response: PassportResponse, **given: Any) -> None:
    fields = {"item_id": (await item_of(cast, type_)).id, "response": response, "reason": WHY}
    command = RespondToItem.parse(fields | given)
    await cast.do("assurance_reviewer", service.respond_to_item, command)


async def sign(cast: Cast, pilot: Pilot, part: str = "assurance_reviewer", **given: Any) -> None:
    await cast.step(part, service.sign_assurance, commands.SignAssurance, pilot, **given)


async def test_an_empty_passport_asks_the_supplier_for_something_for_each_reviewer(
    cast: Cast,
) -> None:
    pilot = await cast.approved()
    found = await tasks(cast, pilot)
    assert set(found) == ALL
    assert {task.side for task in found.values()} == {PilotSide.SUPPLIER}
    twenty_days_on = add_working_days(cast.database.clock().date(), 20)
    assert {task.due_on for task in found.values()} == {twenty_days_on}
    officer = found["data_protection_officer"]
    assert officer.title == "Complete the passport for the data protection officer"
    assert "Data protection impact assessment (DPIA)" in str(officer.detail)


async def test_what_the_force_accepted_asks_for_nothing_and_what_it_did_not_asks_the_force(
    cast: Cast,
) -> None:
    await verified(cast, "dpia", ACCEPTED)
    await verified(cast, "equality_impact_assessment", LOCAL)
    await verified(cast, "human_rights_assessment")
    pilot = await cast.approved()
    found = await tasks(cast, pilot)
    ours = {f"equality_adviser:{cast.force.id}", f"legal:{cast.force.id}"}
    covered = {"data_protection_officer", "equality_adviser", "legal"}
    assert set(found) == (ALL - covered) | ours
    assert {found[key].side for key in ours} == {PilotSide.FORCE}
    title = found[f"legal:{cast.force.id}"].title
    assert title == "Kent Police: legal adviser answers the passport, or assesses"


async def test_each_side_is_told_once_and_one_step_names_all(cast: Cast) -> None:
    await verified(cast, "dpia")
    pilot = await cast.approved()
    async with cast.database.session() as session:
        texts = select(Notice.text).where(Notice.text.contains("The passport leaves"))
        told = set(await session.scalars(texts))
        query = select(PilotStep).where(PilotStep.verb == "add_passport_tasks")
        step = (await session.scalars(query)).one()
    assert len(told) == 2
    assert any("5 things" in text for text in told)
    assert any("one thing" in text for text in told)
    assert str(step.reason).count(";") == len(ALL) - 1
    assert step.by_name != cast["sro"].name
    assert await left_open(cast, pilot)


async def test_a_signature_closes_its_task_and_no_other(cast: Cast) -> None:
    await a_reviewer(cast, "lawyer", ReviewerType.LEGAL)
    pilot = await cast.approved()
    await sign(cast, pilot, "lawyer")
    assert await left_open(cast, pilot) == ALL - {"legal"}
    done = (await tasks(cast, pilot))["legal"]
    assert (done.state, done.done_by is None) == (TaskState.DONE, False)
    await sign(cast, pilot)
    assert await left_open(cast, pilot) == set()


async def test_a_verified_item_hands_the_task_from_the_supplier_to_the_force(cast: Cast) -> None:
    pilot = await cast.approved()
    await verified(cast, "dpia")
    item = await item_of(cast, "dpia")
    async with cast.database.session() as session, session.begin():
        declared = await session.get_one(AssuranceItem, item.id)
        declared.status, declared.verified_at = AssuranceStatus.DECLARED, None
    verify = VerifyItem.parse({"item_id": item.id, "method": "issuer_asked", "reason": WHY})
    await cast.do("assurance_officer", service.verify_item, verify)
    ours = f"data_protection_officer:{cast.force.id}"
    assert await left_open(cast, pilot) == (ALL - {"data_protection_officer"}) | {ours}
    await answer(cast, "dpia", ACCEPTED)
    assert await left_open(cast, pilot) == ALL - {"data_protection_officer"}


async def test_the_last_accepted_item_passes_the_gates_and_a_rejection_opens_them_again(
    cast: Cast,
) -> None:
    types = (
        "pds_tpap", "equality_impact_assessment", "human_rights_assessment",
        "ethics_committee_opinion",
    )  # fmt: skip
    for type_ in types:
        await verified(cast, type_, ACCEPTED)
    await verified(cast, "dpia")
    pilot = await cast.approved()
    assert await left_open(cast, pilot) == {f"data_protection_officer:{cast.force.id}"}
    await answer(cast, "dpia", ACCEPTED)
    assert (await cast.load(Pilot, pilot.id)).assured_at is not None
    assert await left_open(cast, pilot) == set()
    reject = RejectItem.parse({"item_id": (await item_of(cast, "dpia")).id, "reason": WHY})
    await cast.do("assurance_officer", service.reject_item, reject)
    assert (await cast.load(Pilot, pilot.id)).assured_at is None
    assert await left_open(cast, pilot) == {"data_protection_officer"}
    async with cast.database.session() as session:
        kinds = await session.scalars(select(PilotTurn.kind).where(PilotTurn.pilot_id == pilot.id))
        assert TurnKind.SIGN_ASSURANCE in set(kinds)


async def test_signatures_stand_whatever_becomes_of_the_passport(cast: Cast) -> None:
    await verified(cast, "dpia")
    pilot = await cast.approved()
    await sign(cast, pilot)
    await answer(cast, "dpia", PassportResponse.REJECTED)
    assert (await cast.load(Pilot, pilot.id)).assured_at is not None
    assert await left_open(cast, pilot) == set()


async def test_other_pilots_and_other_states_are_left_alone(cast: Cast) -> None:
    locked = await cast.locked()
    await verified(cast, "dpia")
    before = await cast.load(Pilot, locked.id)
    await answer(cast, "dpia", ACCEPTED)
    after = await cast.load(Pilot, locked.id)
    assert (after.revision, after.assured_at) == (before.revision, before.assured_at)


async def test_what_somebody_did_by_hand_is_not_asked_for_again(cast: Cast) -> None:
    pilot = await cast.approved()
    legal = (await tasks(cast, pilot))["legal"]
    async with cast.database.session() as session, session.begin():
        done = await session.get_one(PilotTask, legal.id)
        done.state, done.done_at, done.done_by = TaskState.DONE, cast.database.clock(), "Somebody"
    await a_reviewer(cast, "adviser_on_equality", ReviewerType.EQUALITY_ADVISER)
    await sign(cast, pilot, "adviser_on_equality")
    assert await left_open(cast, pilot) == ALL - {"legal", "equality_adviser"}


async def test_two_that_change_the_passport_at_once_make_no_task_twice(cast: Cast) -> None:
    await verified(cast, "dpia")
    await verified(cast, "equality_impact_assessment")
    pilot = await cast.approved()
    await asyncio.gather(
        answer(cast, "dpia", ACCEPTED), answer(cast, "equality_impact_assessment", ACCEPTED)
    )
    assert await left_open(cast, pilot) == ALL - {"data_protection_officer", "equality_adviser"}


async def test_a_joined_force_answers_the_passport_for_itself(cast: Cast) -> None:
    await verified(cast, "dpia", ACCEPTED)
    pilot = await cast.approved()
    await cast.step("other_lead", service.join, commands.JoinPilot, pilot, site="Thanet")
    await cast.step("other_sro", service.approve_joining, commands.ApproveJoining, pilot)
    essex = cast["other_reviewer"].seats[0].organisation_id
    theirs = f"data_protection_officer:{essex}"
    assert await left_open(cast, pilot) == (ALL - {"data_protection_officer"}) | {theirs}
    why = {"reason": "We have no analyst to spare."}
    await cast.step("other_lead", service.leave, commands.LeavePilot, pilot, **why)
    assert await left_open(cast, pilot) == ALL - {"data_protection_officer"}


async def test_a_pilot_that_lapses_asks_for_nothing_any_more(cast: Cast, clock: Clock) -> None:
    pilot = await cast.approved()
    for days in (30, 30, 15, 16):
        clock.pass_days(days)
        async with cast.database.unit_of_work(SYSTEM.signature()) as work:
            await service.tend(work, SYSTEM, commands.TendPilot(pilot_id=pilot.id))
    assert await left_open(cast, pilot) == set()
