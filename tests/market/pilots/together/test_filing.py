"""The documents of a pilot: who adds them, who reads them, who takes them back, and who is told."""

import asyncio
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from innohub.errors import Denied, Invalid, NotFound, NotSignedIn
from innohub.identity.viewer import Viewer
from innohub.market.catalogue.attachments import RemoveDocument
from innohub.market.catalogue.service import remove_document
from innohub.market.documents.clamd import Verdict
from innohub.market.documents.files import examine
from innohub.market.documents.models import Document, DocumentContent
from innohub.market.documents.scanning import scan_due
from innohub.market.pilots.commands import JoinPilot
from innohub.market.pilots.models import Pilot, PilotStep
from innohub.market.pilots.service import join
from innohub.market.pilots.together import commands, policy, service
from innohub.notices.models import Notice
from innohub.outbox.models import AuditEntry, Event
from tests.market.documents import samples
from tests.market.pilots.cast import Cast

WRONG = "It names people who are policed."
ADDS = {
    "lead", "sro", "chief", "analyst", "second_analyst", "assurance_reviewer", "supplier_admin",
    "supplier_client", "assurance_officer", "adviser",
}  # fmt: skip


async def add(cast: Cast, part: str, pilot: Pilot, number: int = 0) -> Document:
    fields = {"pilot_id": pilot.id, "title": "Agreement", "marking": "official"}
    file = examine(samples.PDF + str(number).encode(), "agreement.pdf")
    given = commands.UploadPilotDocument.parse(fields)
    document: Document = await cast.do(part, partial(service.upload, file=file), given)
    return document


async def withdraw(cast: Cast, part: str, document: Document) -> None:
    command = commands.WithdrawPilotDocument(document_id=document.id)
    await cast.do(part, service.withdraw, command)


async def look(content: bytes) -> Verdict:
    return Verdict(None)


async def sees(cast: Cast, part: str) -> bool:
    async with cast.database.session() as session:
        seen = policy.document_visible(Document, Viewer(cast[part]))
        return bool((await session.scalars(select(Document.id).where(seen))).all())


async def all_of(cast: Cast, model: Any) -> list[Any]:
    async with cast.database.session() as session:
        return list(await session.scalars(select(model).order_by(model.id)))


async def test_the_parties_and_those_who_watch_over_the_pilot_add_documents(cast: Cast) -> None:
    pilot = await cast.running()
    for number, part in enumerate(sorted(cast.actors)):
        try:
            document = await add(cast, part, pilot, number)
        except (Denied, NotSignedIn):
            assert part not in ADDS
        else:
            assert part in ADDS, part
            assert document.by_name == cast[part].name
    kept = await all_of(cast, Document)
    assert {document.organisation_id for document in kept} >= {cast.force.id, cast.supplier.id}
    assert len(kept) == len(ADDS)


async def test_only_the_parties_and_those_who_watch_read_them_once_they_are_looked_at(
    cast: Cast,
) -> None:
    await add(cast, "supplier_admin", await cast.running())
    unscanned = {part for part in cast.actors if await sees(cast, part)}
    assert unscanned == {"supplier_admin", "supplier_client"}
    await scan_due(cast.database, look)
    readers = {part for part in cast.actors if await sees(cast, part)}
    assert readers == ADDS | {"force_viewer", "supplier_viewer", "reading_client"}


async def test_a_force_that_joined_adds_reads_and_is_told(cast: Cast) -> None:
    pilot = await cast.approved()
    with pytest.raises(Denied):
        await add(cast, "other_lead", pilot)
    await cast.step(
        "other_lead", join, JoinPilot, pilot, site="Thanet", site_role="comparison"
    )  # fmt: skip
    document = await add(cast, "other_lead", pilot)
    await scan_due(cast.database, look)
    assert await sees(cast, "other_analyst")
    assert document.organisation_id not in {cast.force.id, cast.supplier.id}
    await add(cast, "lead", pilot, 1)
    told = [n.person_id for n in await all_of(cast, Notice) if n.path.endswith("/documents")]
    assert cast["other_lead"].person_id in told


async def test_the_other_side_is_told_and_the_timeline_keeps_both(cast: Cast) -> None:
    pilot = await cast.running()
    document = await add(cast, "lead", pilot)
    await withdraw(cast, "analyst", document)
    told = [n for n in await all_of(cast, Notice) if n.path == f"/pilots/{pilot.id}/documents"]
    whom = {n.person_id for n in told if n.key.endswith("added")}
    lead, sro, admin = (cast[part].person_id for part in ("lead", "sro", "supplier_admin"))
    assert {sro, admin} <= whom
    assert lead not in whom
    assert admin in {n.person_id for n in told if n.key.endswith("withdrawn")}
    steps = [(s.verb, s.by_name, s.reason) for s in (await all_of(cast, PilotStep))[-2:]]
    assert steps == [
        ("add_document", cast["lead"].name, "Agreement"),
        ("withdraw_document", cast["analyst"].name, "Agreement"),
    ]
    events = [e for e in await all_of(cast, Event) if e.type.startswith("pilot.document")]
    assert [e.type for e in events] == ["pilot.document_added", "pilot.document_withdrawn"]
    assert events[0].payload["by"] == cast.force.name
    assert await all_of(cast, Document) == []
    async with cast.database.session() as session:
        actions = (await session.scalars(select(AuditEntry.action))).all()
    assert {"document:store", "document:remove"} <= set(actions)


async def test_nobody_takes_back_what_is_anothers(cast: Cast) -> None:
    document = await add(cast, "lead", await cast.running())
    with pytest.raises(NotFound):
        await withdraw(cast, "supplier_admin", document)
    await scan_due(cast.database, look)
    for part in ("supplier_admin", "adviser", "assurance_officer", "force_viewer"):
        with pytest.raises(Denied):
            await withdraw(cast, part, document)
    for part in ("rival_admin", "other_lead", "stranger"):
        with pytest.raises(NotFound):
            await withdraw(cast, part, document)
    # It is of no listing, so no reviewer of listings takes it down.
    remove = RemoveDocument(document_id=document.id, reason="It is not for listings.")
    with pytest.raises(NotFound):
        await cast.do("catalogue_reviewer", remove_document, remove)
    assert len(await all_of(cast, Document)) == 1


async def test_of_two_who_withdraw_at_once_one_finds_nothing(cast: Cast) -> None:
    pilot = await cast.running()
    document = await add(cast, "lead", pilot)
    done = await asyncio.gather(
        withdraw(cast, "lead", document), withdraw(cast, "sro", document), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["NoneType", "NotFound"]
    async with cast.database.session() as session:
        assert (await session.scalars(select(DocumentContent.document_id))).all() == []
    verbs = [step.verb for step in await all_of(cast, PilotStep)]
    assert verbs.count("withdraw_document") == 1


async def test_what_is_marked_sensitive_is_named_and_held_elsewhere(cast: Cast) -> None:
    pilot = await cast.running()
    fields = {"pilot_id": pilot.id, "title": "Network plan", "holder": "The security office"}
    pointer = commands.PointToPilotDocument.parse(fields)
    await cast.do("assurance_reviewer", service.point_to, pointer)
    (step,) = (await all_of(cast, PilotStep))[-1:]
    assert step.reason == "Network plan, held by The security office"
    assert await sees(cast, "supplier_admin")
    (document,) = await all_of(cast, Document)
    added = next(one for one in await all_of(cast, Event) if one.type == "pilot.document_added")
    assert added.payload == {
        "type": "document",
        "key": document.id,
        "link": f"/pilots/{pilot.id}/documents",
        "sensitive": True,
    }
    with pytest.raises(Invalid):
        commands.UploadPilotDocument.parse(
            {"pilot_id": pilot.id, "title": "Plan", "marking": "official_sensitive"}
        )


async def test_a_trial_from_the_literature_takes_none(cast: Cast) -> None:
    pilot = await cast.running()
    await cast.put(pilot, force_id=None, citation="A study (2015).")
    with pytest.raises(Denied):
        await add(cast, "adviser", pilot)


async def test_of_an_infected_file_its_owner_hears_on_the_pilots_page(cast: Cast) -> None:
    async def finds(content: bytes) -> Verdict:
        return Verdict("Eicar")

    pilot = await cast.running()
    document = await add(cast, "lead", pilot)
    await scan_due(cast.database, finds)
    told = [n for n in await all_of(cast, Notice) if n.key == f"document/{document.id}/infected"]
    assert cast["lead"].person_id in {notice.person_id for notice in told}
    assert {notice.path for notice in told} == {f"/pilots/{pilot.id}/documents"}


async def take_down(cast: Cast, part: str, document: Document, reason: str = WRONG) -> None:
    command = commands.TakeDownPilotDocument.parse({"document_id": document.id, "reason": reason})
    await cast.do(part, service.take_down, command)


async def test_an_officer_takes_down_anybodys_document_and_the_reason_stays(cast: Cast) -> None:
    pilot = await cast.running()
    document = await add(cast, "supplier_admin", pilot)
    await scan_due(cast.database, look)
    await take_down(cast, "assurance_officer", document)
    assert await all_of(cast, Document) == []
    (step,) = [one for one in await all_of(cast, PilotStep) if one.verb == service.TAKE_DOWN]
    assert step.by_name == cast["assurance_officer"].name
    assert step.reason == f"“Agreement” of {cast.supplier.name}: {WRONG}"
    async with cast.database.session() as session:
        actions = (await session.scalars(select(AuditEntry.action))).all()
    assert {"document:remove", "pilot:take_down_document"} <= set(actions)
    event = next(
        one for one in await all_of(cast, Event) if one.type == "pilot.document_taken_down"
    )
    assert event.payload["reason"] == WRONG
    told = [n for n in await all_of(cast, Notice) if n.key.endswith("/taken_down")]
    people = {cast[part].person_id for part in ("lead", "sro", "supplier_admin")}
    assert people <= {notice.person_id for notice in told}
    with pytest.raises(NotFound):
        await take_down(cast, "assurance_officer", document)


async def test_nobody_else_takes_down_and_never_without_a_reason(cast: Cast) -> None:
    pilot = await cast.running()
    document = await add(cast, "supplier_admin", pilot)
    with pytest.raises(NotFound):
        await take_down(cast, "assurance_officer", document)
    await scan_due(cast.database, look)
    for part in ("lead", "sro", "supplier_admin", "adviser"):
        with pytest.raises(Denied):
            await take_down(cast, part, document)
    for part in ("rival_admin", "catalogue_reviewer", "stranger"):
        with pytest.raises(NotFound):
            await take_down(cast, part, document)
    with pytest.raises(Invalid):
        await take_down(cast, "assurance_officer", document, "spam")
