"""Declaring, verifying and rejecting assurance items."""

from typing import Any

import pytest

from innohub.db.identifiers import encode
from innohub.errors import Conflict, Denied, Invalid, WrongState
from innohub.identity.actor import Actor
from innohub.market.assurance import policy, service
from innohub.market.assurance.commands import AddEvidence, DeclareItem, RejectItem, VerifyItem
from innohub.market.assurance.models import (
    ITEM,
    AssuranceItem,
    AssuranceStatus,
    VerificationMethod,
)
from innohub.market.catalogue.models import ListingState, Technology
from innohub.notices.models import Notice
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


def verification(item: AssuranceItem, **given: Any) -> VerifyItem:
    facts = {"item_id": item.id, "method": "issuers_register", "reason": REASON}
    return VerifyItem.parse(facts | given)


async def verified(stage: Stage, item: AssuranceItem) -> AssuranceItem:
    await stage.do("assurance_officer", service.verify_item, verification(item))
    return await stage.load(item)


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
    command = verification(item, item_id=encode("AssuranceItem", item.id))
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
    renewal = DeclareItem(**fields(technology, issued_on="2026-10-01", renews_id=item.id))
    attempts = {
        "add_evidence": (
            "supplier_editor",
            service.add_evidence,
            AddEvidence(item_id=item.id, evidence="https://issuer.example/4711"),
        ),
        "verify": ("assurance_officer", service.verify_item, verification(item)),
        "reject": (
            "assurance_officer",
            service.reject_item,
            RejectItem(item_id=item.id, reason=REASON),
        ),
        "supersede": ("supplier_editor", service.declare_item, renewal),
    }
    for verb, (part, operation, command) in attempts.items():
        (step,) = (one for one in ITEM.transitions if one.verb == verb)
        before = await stage.fingerprint()
        if status in step.sources:
            await stage.rehearse(part, operation, command)
        else:
            with pytest.raises(Conflict):
                await stage.do(part, operation, command)
        assert await stage.fingerprint() == before


async def test_only_writers_of_the_supplier_add_evidence(stage: Stage) -> None:
    item = await declared(stage, await stage.published())
    command = AddEvidence(item_id=item.id, evidence="https://issuer.example/4711")
    await stage.try_everybody(service.add_evidence, command, allowed=WRITERS)


async def test_a_verification_is_dated_and_told_to_the_supplier(stage: Stage, clock: Clock) -> None:
    technology = await stage.published()
    item = await declared(stage, technology)
    await stage.do("assurance_officer", service.verify_item, verification(item))
    stored = await stage.load(item)
    assert (stored.status, stored.verified_at) == (S.VERIFIED, clock.now)
    assert stored.verified_by_id == stage.actors["assurance_officer"].person_id
    assert stored.verification_method is VerificationMethod.ISSUERS_REGISTER
    assert stored.judgement == REASON
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


async def test_an_item_that_has_expired_cannot_be_verified(stage: Stage, clock: Clock) -> None:
    item = await declared(stage, await stage.published(), expires_on="2026-11-20")
    clock.pass_days(18)
    with pytest.raises(WrongState, match="expired on 20 November 2026"):
        await stage.do("assurance_officer", service.verify_item, verification(item))


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
        ({"evidence": "http://issuer.example/4711"}, "evidence"),
        ({"evidence": "javascript://issuer.example/%0aalert(1)"}, "evidence"),
        ({"classification": "official_sensitive"}, "holder"),
        ({"classification": "official_sensitive", "holder": "Us", "scope": "All"}, "scope"),
        ({"classification": "secret"}, "classification"),
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


async def test_an_item_declared_with_its_evidence_is_ready_to_be_judged(stage: Stage) -> None:
    item = await declared(stage, await stage.drafted(), evidence="https://issuer.example/4711")
    assert item.status is S.EVIDENCE_UPLOADED


async def test_what_is_declared_twice_is_a_conflict(stage: Stage) -> None:
    technology = await stage.drafted()
    await declared(stage, technology)
    with pytest.raises(Conflict, match="Renew it instead"):
        await declared(stage, technology, issued_on="2026-02-01")


async def test_evidence_that_changed_under_the_officer_s_eyes_is_not_verified(
    stage: Stage,
) -> None:
    item = await declared(stage, await stage.published(), evidence="https://issuer.example/1")
    swapped = AddEvidence(item_id=item.id, evidence="https://issuer.example/2")
    await stage.do("supplier_editor", service.add_evidence, swapped)
    with pytest.raises(Conflict, match="Load it again"):
        await stage.do(
            "assurance_officer", service.verify_item, verification(item, revision=item.revision)
        )
    assert (await stage.load(item)).status is S.EVIDENCE_UPLOADED


async def test_nobody_has_read_evidence_that_was_never_given(stage: Stage) -> None:
    item = await declared(stage, await stage.published())
    with pytest.raises(Invalid) as caught:
        await stage.do(
            "assurance_officer", service.verify_item, verification(item, method="evidence_read")
        )
    assert caught.value.field == "method"


async def test_of_a_sensitive_item_only_a_pointer_is_held_and_only_a_pointer_is_sent_on(
    stage: Stage,
) -> None:
    item = await declared(
        stage, await stage.published(), classification="official_sensitive", holder="Our vault"
    )
    with pytest.raises(WrongState, match="stays with its holder"):
        await stage.do(
            "supplier_editor", service.add_evidence, AddEvidence(item_id=item.id, evidence="Here")
        )
    await stage.do(
        "assurance_officer", service.verify_item, verification(item, method="seen_at_holder")
    )
    assert (await stage.load(item)).status is S.VERIFIED
    (event,) = await stage.events("assurance.verified")
    assert event.payload == {
        "type": "assurance_item",
        "key": item.id,
        "link": f"/assurance/{item.id}",
        "sensitive": True,
    }


async def test_the_supplier_is_told_what_an_officer_decided(stage: Stage) -> None:
    item = await declared(stage, await stage.published())
    await verified(stage, item)
    await stage.do(
        "assurance_officer", service.reject_item, RejectItem(item_id=item.id, reason=REASON)
    )
    about = f"/assurance/{item.id}"
    told = [(n.person_id, n.text) for n in await stage.all(Notice) if n.path == about]
    admin = stage.people["supplier_admin"].id
    name = "ISO/IEC 27001 certificate (ISMS 4711) of Redact Swiftly was"
    assert told == [
        (admin, f"{name} verified: {REASON}"),
        (admin, f"{name} rejected: {REASON}"),
    ]


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
        await stage.do("both", service.verify_item, verification(item))


async def test_of_two_officers_at_once_one_wins_and_the_other_is_a_conflict(stage: Stage) -> None:
    item = await declared(stage, await stage.published())
    attempt = ("assurance_officer", service.verify_item, verification(item))
    _, second = await stage.overlap(attempt, attempt)
    assert isinstance(second, Conflict)
    assert len(await stage.events("assurance.verified")) == 1


async def test_an_officer_sees_and_judges_the_items_of_a_listing_under_review(
    stage: Stage,
) -> None:
    technology = await stage.drafted()
    item = await declared(stage, technology)
    assert await stage.sees("assurance_officer", AssuranceItem, policy.visible) == set()
    await stage.submit(technology)
    assert await stage.sees("assurance_officer", AssuranceItem, policy.visible) == {item.id}
    assert (await verified(stage, item)).status is S.VERIFIED


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
