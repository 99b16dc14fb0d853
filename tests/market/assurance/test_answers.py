"""What forces make of items that were verified for all, and what they need not assess again."""

from typing import Any

import pytest
from sqlalchemy import select

from innohub.errors import Invalid, WrongState
from innohub.identity.viewer import Viewer
from innohub.market.assurance import policy, service
from innohub.market.assurance.commands import RejectItem, RespondToItem
from innohub.market.assurance.models import (
    AssuranceAddition,
    AssuranceItem,
    AssuranceResponse,
    AssuranceStatus,
    PassportResponse,
)
from innohub.market.assurance.service import Gate
from innohub.market.catalogue.models import Technology
from tests.conftest import Clock
from tests.market.assurance.test_assurance import declared, verified
from tests.market.catalogue.stage import REASON, Stage

R = PassportResponse
POLICING = {
    "lead", "analyst", "chief", "reviewer", "other_lead", "other_reviewer", "catalogue_reviewer",
    "assurance_officer", "programme_officer", "board_member", "auditor",
}  # fmt: skip
OWN = {
    "supplier_admin", "supplier_editor", "supplier_viewer", "writing_client", "reading_client",
}  # fmt: skip


def answer(item: AssuranceItem, response: str = "accepted_as_is", **given: Any) -> RespondToItem:
    return RespondToItem.parse({"item_id": item.id, "response": response, "reason": REASON} | given)


async def assured(
    stage: Stage, technology: Technology | None = None, **facts: Any
) -> AssuranceItem:
    technology = technology or await stage.published()
    return await verified(stage, await declared(stage, technology, **facts))


async def respond(stage: Stage, part: str, command: RespondToItem) -> AssuranceResponse:
    given: AssuranceResponse = await stage.do(part, service.respond, command)
    return given


async def missing(stage: Stage, technology_id: int, force_id: int) -> list[Gate]:
    async with stage.database.unit_of_work(stage.actors["lead"].signature()) as work:
        return await service.missing(work, technology_id, force_id)


async def test_only_a_reviewer_of_the_force_answers_for_it(stage: Stage) -> None:
    command = answer(await assured(stage), force_id=stage.force.id)
    await stage.try_everybody(service.respond, command, allowed={"reviewer"})


@pytest.mark.parametrize("status", AssuranceStatus)
async def test_forces_answer_items_that_are_verified(stage: Stage, status: AssuranceStatus) -> None:
    item = await assured(stage)
    await stage.put(item, status=status)
    if status is AssuranceStatus.VERIFIED:
        await stage.rehearse("reviewer", service.respond, answer(item))
    else:
        with pytest.raises(WrongState, match="that are verified"):
            await respond(stage, "reviewer", answer(item))


async def test_an_item_past_its_last_day_is_not_answered(stage: Stage, clock: Clock) -> None:
    item = await assured(stage, expires_on="2026-11-20")
    clock.pass_days(18)
    with pytest.raises(WrongState, match="expired on 20 November 2026"):
        await respond(stage, "reviewer", answer(item))


async def test_the_latest_answer_of_each_force_counts_and_the_older_stay(stage: Stage) -> None:
    item = await assured(stage)
    first = await respond(stage, "reviewer", answer(item, "needs_local_assessment"))
    second = await respond(stage, "reviewer", answer(item))
    other = await respond(stage, "other_reviewer", answer(item, "rejected"))
    rows = {row.id: (row.force_id, row.latest) for row in await stage.all(AssuranceResponse)}
    assert rows == {
        first.id: (stage.force.id, False),
        second.id: (stage.force.id, True),
        other.id: (stage.other_force.id, True),
    }
    assert second.by_id == stage.people["reviewer"].id
    assert (await stage.actions())[-1] == "assurance_response:create"


async def test_of_two_answers_of_a_force_at_once_one_is_the_latest(stage: Stage) -> None:
    item = await assured(stage)
    await stage.overlap(
        ("reviewer", service.respond, answer(item)),
        ("reviewer", service.respond, answer(item, "rejected")),
    )
    latest = [row.response for row in await stage.all(AssuranceResponse) if row.latest]
    assert latest == [R.REJECTED]


async def test_answers_are_read_by_policing_and_by_the_supplier_alone(stage: Stage) -> None:
    additions = [{"part": "addendum", "body": "Only at headquarters."}]
    command = answer(await assured(stage), "accepted_with_local_addendum", additions=additions)
    given = await respond(stage, "reviewer", command)
    for part in stage.actors:
        seen = await stage.sees(part, AssuranceResponse, policy.answer_visible)
        assert seen == ({given.id} if part in POLICING | OWN else set()), part
        async with stage.database.session() as session:
            rule = policy.answer_visible(AssuranceAddition, Viewer(stage.actors[part]))
            parts = (await session.scalars(select(AssuranceAddition.part).where(rule))).all()
        assert bool(parts) == (part in POLICING | OWN), part


@pytest.mark.parametrize(
    ("type", "response", "additions", "field"),
    [
        ("iso_27001", "accepted_with_local_addendum", [], "additions"),
        ("iso_27001", "accepted_as_is", [("addendum", "More.")], "response"),
        ("iso_27001", "accepted_with_local_addendum", [("retention", "31 days.")], "additions"),
        ("dpia", "accepted_with_local_addendum", [("addendum", "More.")], "additions"),
        ("dpia", "accepted_with_local_addendum", [("lawful_basis", " ")], "additions"),
        ("dpia", "perhaps", [], "response"),
    ],
)
async def test_a_wrong_answer_is_named_by_its_field(
    stage: Stage, type: str, response: str, additions: list[tuple[str, str]], field: str
) -> None:
    item = await assured(stage, type=type)
    before = await stage.fingerprint()
    written = [{"part": part, "body": body} for part, body in additions]
    with pytest.raises(Invalid) as caught:
        await respond(stage, "reviewer", answer(item, response, additions=written))
    assert caught.value.field == field
    assert await stage.fingerprint() == before


async def test_of_a_data_protection_assessment_a_force_writes_the_local_part_alone(
    stage: Stage,
) -> None:
    item = await assured(stage, type="dpia")
    written = [
        {"part": "retention", "body": "31 days."},
        {"part": "access", "body": ""},
        {"part": "lawful_basis", "body": "Part 3."},
    ]
    await respond(
        stage, "reviewer", answer(item, "accepted_with_local_addendum", additions=written)
    )
    stored = {row.part: row.body for row in await stage.all(AssuranceAddition)}
    assert stored == {"retention": "31 days.", "lawful_basis": "Part 3."}


@pytest.mark.parametrize(
    ("response", "covered"),
    [
        ("accepted_as_is", True),
        ("accepted_with_local_addendum", True),
        ("needs_local_assessment", False),
        ("rejected", False),
    ],
)
async def test_what_a_force_accepted_its_reviewer_need_not_assess(
    stage: Stage, response: str, covered: bool
) -> None:
    technology = await stage.published()
    item = await assured(stage, technology, type="dpia")
    before = {gate.id for gate in await missing(stage, technology.id, stage.force.id)}
    assert "data_protection_officer" in before
    additions = [{"part": "retention", "body": "31 days."}] if "addendum" in response else []
    await respond(stage, "reviewer", answer(item, response, additions=additions))
    after = {gate.id for gate in await missing(stage, technology.id, stage.force.id)}
    assert before - after == ({"data_protection_officer"} if covered else set())
    other = {gate.id for gate in await missing(stage, technology.id, stage.other_force.id)}
    assert other == before


async def test_what_is_rejected_by_the_officer_covers_nobody(stage: Stage) -> None:
    technology = await stage.published()
    item = await assured(stage, technology, type="dpia")
    await respond(stage, "reviewer", answer(item))
    wrong = RejectItem(item_id=item.id, reason=REASON)
    await stage.do("assurance_officer", service.reject_item, wrong)
    gates = {gate.id for gate in await missing(stage, technology.id, stage.force.id)}
    assert "data_protection_officer" in gates


async def test_an_item_covers_the_types_that_it_includes(stage: Stage) -> None:
    technology = await stage.published()
    item = await assured(stage, technology, type="cyber_essentials_plus")
    await respond(stage, "reviewer", answer(item))
    async with stage.database.unit_of_work(stage.actors["lead"].signature()) as work:
        held = await service.covered(work, technology.id, stage.force.id)
    assert {type_: (one.item_id, one.accepted) for type_, one in held.items()} == {
        "cyber_essentials_plus": (item.id, True),
        "cyber_essentials": (item.id, True),
    }
