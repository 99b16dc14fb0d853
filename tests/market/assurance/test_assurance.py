"""Declaring, verifying and rejecting assurance items."""

from datetime import date
from typing import Any

import pytest

from innohub.db.identifiers import encode
from innohub.errors import Conflict, Denied, Invalid, WrongState
from innohub.identity.actor import SYSTEM, Actor
from innohub.market.assurance import policy, service
from innohub.market.assurance.commands import DeclareItem, RejectItem, VerifyItem
from innohub.market.assurance.models import AssuranceItem, AssuranceStatus
from innohub.market.catalogue.models import ListingState, Technology
from tests.conftest import Clock
from tests.market.catalogue.stage import OUTSIDERS, REASON, Stage

WRITERS = {"supplier_admin", "supplier_editor", "writing_client"}
OFFICERS = {"assurance_officer"}
S = AssuranceStatus


def fields(technology: Technology, **given: Any) -> dict[str, Any]:
    return {
        "technology_id": technology.id,
        "type": "iso_27001",
        "issuer": "A certification body",
        "reference": "ISMS 4711",
        "issued_on": "2026-01-15",
        "expires_on": "2029-01-14",
    } | given


async def declared(stage: Stage, technology: Technology, **given: Any) -> AssuranceItem:
    command = DeclareItem.parse(fields(technology, **given))
    item: AssuranceItem = await stage.do("supplier_editor", service.declare_item, command)
    return item


async def test_only_writers_of_the_supplier_declare_an_item(stage: Stage) -> None:
    technology = await stage.drafted()
    command = DeclareItem.parse(fields(technology))
    await stage.try_everybody(
        service.declare_item,
        command,
        allowed=WRITERS,
        hidden_from=OUTSIDERS | {"catalogue_reviewer"},
    )
    await stage.try_every_state(
        "supplier_editor",
        service.declare_item,
        command,
        technology,
        works_in=set(ListingState) - {ListingState.WITHDRAWN, ListingState.ARCHIVED},
    )


async def test_only_an_assurance_officer_verifies(stage: Stage) -> None:
    item = await declared(stage, await stage.published())
    command = VerifyItem.parse({"item_id": encode("AssuranceItem", item.id)})
    await stage.try_everybody(service.verify_item, command, allowed=OFFICERS)


async def test_only_an_assurance_officer_rejects(stage: Stage) -> None:
    item = await declared(stage, await stage.published())
    command = RejectItem(item_id=item.id, reason=REASON)
    await stage.try_everybody(service.reject_item, command, allowed=OFFICERS)


@pytest.mark.parametrize("status", AssuranceStatus)
async def test_each_status_allows_what_the_machine_says(
    stage: Stage, status: AssuranceStatus
) -> None:
    technology = await stage.published()
    item = await declared(stage, technology)
    await stage.put(item, status=status)
    attempts = {
        "declare": ("supplier_editor", service.declare_item, DeclareItem(**fields(technology))),
        "verify": ("assurance_officer", service.verify_item, VerifyItem(item_id=item.id)),
        "reject": (
            "assurance_officer",
            service.reject_item,
            RejectItem(item_id=item.id, reason=REASON),
        ),
    }
    for verb, (part, operation, command) in attempts.items():
        (step,) = (one for one in service.ITEM.transitions if one.verb == verb)
        before = await stage.fingerprint()
        if status in step.sources:
            await stage.rehearse(part, operation, command)
        else:
            with pytest.raises(Conflict):
                await stage.do(part, operation, command)
        assert await stage.fingerprint() == before


async def test_a_verification_is_dated_and_told_to_the_supplier(stage: Stage, clock: Clock) -> None:
    technology = await stage.published()
    item = await declared(stage, technology)
    await stage.do("assurance_officer", service.verify_item, VerifyItem(item_id=item.id))
    stored = await stage.load(item)
    assert (stored.status, stored.verified_at) == (S.VERIFIED, clock.now)
    (event,) = await stage.events("assurance.verified")
    assert event.supplier_id == stage.supplier.id
    assert event.stream == f"technology/{technology.id}"
    assert event.payload == {
        "technology_id": technology.id,
        "technology_slug": technology.slug,
        "item_id": item.id,
        "item_type": "iso_27001",
        "reference": "ISMS 4711",
        "expires_on": "2029-01-14",
    }
    assert (await stage.actions())[-2:] == ["assurance_item:declare", "assurance_item:verify"]


async def test_items_whose_last_day_is_over_expire_and_may_be_renewed(
    stage: Stage, clock: Clock
) -> None:
    technology = await stage.published()
    soon = await declared(stage, technology, expires_on="2026-11-20")
    later = await declared(stage, technology, reference="ISMS 4712", expires_on="2026-11-21")
    clock.pass_days(18)
    async with stage.database.unit_of_work(SYSTEM.signature()) as work:
        assert [item.id for item in await service.expire_due(work)] == [soon.id]
    assert (await stage.load(soon)).status == S.EXPIRED
    assert (await stage.load(later)).status == S.DECLARED
    await declared(stage, technology, issued_on="2026-11-20", expires_on="2029-11-20")
    assert (await stage.load(soon)).status == S.DECLARED


async def test_a_rejected_item_may_be_declared_anew_with_other_dates(stage: Stage) -> None:
    technology = await stage.published()
    item = await declared(stage, technology)
    reject = RejectItem(item_id=item.id, reason=REASON)
    await stage.do("assurance_officer", service.reject_item, reject)
    again = await declared(stage, technology, issued_on="2026-10-01")
    stored = await stage.load(item)
    assert again.id == item.id
    assert (stored.status, stored.issued_on) == (S.DECLARED, date(2026, 10, 1))


async def test_an_item_that_has_expired_cannot_be_verified(stage: Stage, clock: Clock) -> None:
    item = await declared(stage, await stage.published(), expires_on="2026-11-20")
    clock.pass_days(18)
    with pytest.raises(WrongState, match="expired on 20 November 2026"):
        await stage.do("assurance_officer", service.verify_item, VerifyItem(item_id=item.id))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"type": "horoscope"}, "type"),
        ({"issued_on": "2026-11-03", "expires_on": "2027-11-03"}, "issued_on"),
        ({"expires_on": "2026-11-02"}, "expires_on"),
        ({"expires_on": "2026-01-15"}, "expires_on"),
        ({"expires_on": ""}, "expires_on"),
        ({"issued_on": "yesterday", "expires_on": None}, "issued_on"),
        ({"reference": ""}, "reference"),
    ],
)
async def test_a_wrong_declaration_is_named_by_its_field(
    stage: Stage, wrong: dict[str, Any], field: str
) -> None:
    technology = await stage.drafted()
    before = await stage.fingerprint()
    with pytest.raises(Invalid) as caught:
        await declared(stage, technology, **wrong)
    assert caught.value.field == field
    assert await stage.fingerprint() == before


async def test_an_item_of_a_type_that_does_not_expire_needs_no_end(stage: Stage) -> None:
    item = await declared(stage, await stage.drafted(), type="sbom", expires_on="")
    assert item.expires_on is None


async def test_an_officer_of_the_supplier_s_own_house_is_refused(stage: Stage) -> None:
    item = await declared(stage, await stage.published())
    officer, editor = stage.actors["assurance_officer"], stage.actors["supplier_editor"]
    stage.actors["both"] = Actor(
        kind=officer.kind,
        name="Both",
        person_id=officer.person_id,
        seats=officer.seats + editor.seats,
    )
    with pytest.raises(Denied):
        await stage.do("both", service.verify_item, VerifyItem(item_id=item.id))


async def test_of_two_officers_at_once_one_wins_and_the_other_is_a_conflict(stage: Stage) -> None:
    item = await declared(stage, await stage.published())
    verification = ("assurance_officer", service.verify_item, VerifyItem(item_id=item.id))
    _, second = await stage.overlap(verification, verification)
    assert isinstance(second, Conflict)
    assert len(await stage.events("assurance.verified")) == 1


async def test_items_are_seen_by_those_who_see_their_technology(stage: Stage) -> None:
    technology = await stage.drafted()
    item = await declared(stage, technology)
    own = set(stage.actors) - OUTSIDERS - {"catalogue_reviewer"}
    for part in stage.actors:
        seen = await stage.sees(part, AssuranceItem, policy.visible)
        assert seen == ({item.id} if part in own else set()), part
    await stage.put(technology, state=ListingState.PUBLISHED)
    for part in stage.actors:
        assert await stage.sees(part, AssuranceItem, policy.visible) == {item.id}, part
