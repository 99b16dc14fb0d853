"""Documents as the evidence of an assurance item."""

import asyncio
from functools import partial
from typing import Any

import pytest

from innohub.errors import Conflict, Invalid, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.market.assurance import policy, service
from innohub.market.assurance.commands import (
    DeclareItem,
    RemoveEvidence,
    UploadEvidence,
    VerifyItem,
)
from innohub.market.assurance.models import AssuranceItem, AssuranceStatus
from innohub.market.catalogue.models import Technology
from innohub.market.documents.clamd import Verdict
from innohub.market.documents.files import File, examine
from innohub.market.documents.models import Document, DocumentContent
from innohub.market.documents.scanning import scan_due
from tests.market.catalogue.stage import REASON, Stage
from tests.market.documents import samples

WRITERS = {"supplier_admin", "supplier_editor", "writing_client"}
S = AssuranceStatus


def a_file(number: int = 0) -> File:
    return examine(samples.PDF + str(number).encode(), "certificate.pdf")


def declaration(technology: Technology, **given: Any) -> DeclareItem:
    facts = {
        "technology_id": technology.id, "type": "iso_27001", "issuer": "A certification body",
        "reference": "ISMS 4711", "issued_on": "2026-01-15", "expires_on": "2029-01-14",
    }  # fmt: skip
    return DeclareItem.parse(facts | given)


async def declared(stage: Stage, file: File | None = None, **given: Any) -> AssuranceItem:
    command = declaration(await stage.published(), **given)
    declare = partial(service.declare_item, file=file)
    item: AssuranceItem = await stage.do("supplier_editor", declare, command)
    return item


def about(item: AssuranceItem, **given: Any) -> UploadEvidence:
    return UploadEvidence.parse(
        {"item_id": item.id, "title": "Certificate", "marking": "official", **given}
    )


async def upload(work: Any, actor: Actor, command: UploadEvidence) -> Document:
    return await service.upload_evidence(work, actor, command, file=a_file(1))


def reading(item: AssuranceItem, **given: Any) -> VerifyItem:
    return VerifyItem.parse(
        {"item_id": item.id, "method": "evidence_read", "reason": REASON, **given}
    )


async def look(content: bytes) -> Verdict:
    return Verdict("Eicar" if content.endswith(b"7") else None)


async def seen_by(stage: Stage) -> set[str]:
    return {
        part for part in stage.actors if await stage.sees(part, Document, policy.document_visible)
    }


async def test_an_item_is_declared_with_its_document(stage: Stage) -> None:
    item = await declared(stage, a_file())
    assert item.status is S.EVIDENCE_UPLOADED
    [document] = await stage.all(Document)
    assert (document.assurance_item_id, document.title) == (item.id, "ISMS 4711")
    assert document.organisation_id == stage.supplier.id
    assert (await stage.actions())[-3:] == [
        "assurance_item:declare", "document:store", "assurance_item:add_evidence",
    ]  # fmt: skip


async def test_a_picture_of_a_certificate_shows_what_it_is_called(stage: Stage) -> None:
    await declared(stage, examine(samples.picture(), "certificate.png"))
    [document] = await stage.all(Document)
    assert document.alternative_text == "ISMS 4711"


async def test_of_what_is_marked_sensitive_no_file_is_taken(stage: Stage) -> None:
    held = {"classification": "official_sensitive", "holder": "The security office"}
    with pytest.raises(Invalid) as refused:
        await declared(stage, a_file(), **held)
    assert refused.value.field == "file"
    item = await declared(stage, **held)
    with pytest.raises(WrongState, match="SENSITIVE"):
        await stage.do("supplier_editor", upload, about(item))
    assert await stage.all(DocumentContent) == []


async def test_writers_of_the_supplier_add_and_take_back(stage: Stage) -> None:
    item = await declared(stage)
    await stage.try_everybody(upload, about(item), allowed=WRITERS)
    document = await stage.do("supplier_editor", upload, about(item))
    await scan_due(stage.database, look)
    remove = RemoveEvidence(document_id=document.id)
    unseen = {part for part in stage.actors if part not in await seen_by(stage)}
    await stage.try_everybody(
        service.remove_evidence, remove, allowed=WRITERS, hidden_from=unseen
    )  # fmt: skip


async def test_who_reads_the_details_of_the_item_fetches_its_document(stage: Stage) -> None:
    await declared(stage, a_file())
    owners = await seen_by(stage)
    assert owners <= {part for part in stage.actors if "supplier" in part or "client" in part}
    await scan_due(stage.database, look)
    readers = await seen_by(stage)
    assert readers >= owners | {"assurance_officer", "catalogue_reviewer", "lead"}
    assert not readers & {"stranger", "rival_admin"}


async def test_an_officer_reads_the_document_once_it_was_scanned(stage: Stage) -> None:
    item = await declared(stage, a_file())
    with pytest.raises(Invalid, match="no evidence to read"):
        await stage.do("assurance_officer", service.verify_item, reading(item))
    await scan_due(stage.database, look)
    await stage.do("assurance_officer", service.verify_item, reading(item))
    assert (await stage.load(item)).status is S.VERIFIED


async def test_an_infected_document_is_no_evidence(stage: Stage) -> None:
    item = await declared(stage, a_file(7))
    await scan_due(stage.database, look)
    with pytest.raises(Invalid, match="no evidence to read"):
        await stage.do("assurance_officer", service.verify_item, reading(item))


async def test_evidence_that_changes_under_the_officer_is_looked_at_again(stage: Stage) -> None:
    item = await declared(stage, a_file())
    seen = (await stage.load(item)).revision
    await scan_due(stage.database, look)
    await stage.do("supplier_editor", upload, about(item))
    with pytest.raises(Conflict):
        await stage.do("assurance_officer", service.verify_item, reading(item, revision=seen))


async def test_what_was_judged_keeps_its_evidence(stage: Stage) -> None:
    item = await declared(stage, a_file())
    [document] = await stage.all(Document)
    await scan_due(stage.database, look)
    await stage.do("assurance_officer", service.verify_item, reading(item))
    with pytest.raises(WrongState):
        await stage.do("supplier_editor", upload, about(item))
    remove = RemoveEvidence(document_id=document.id)
    with pytest.raises(WrongState):
        await stage.do("supplier_editor", service.remove_evidence, remove)


async def test_an_item_whose_only_document_is_taken_back_is_merely_declared(stage: Stage) -> None:
    item = await declared(stage, a_file())
    more = await stage.do("supplier_editor", upload, about(item))
    [first, _] = await stage.all(Document)
    for document, left in ((first, S.EVIDENCE_UPLOADED), (more, S.DECLARED)):
        remove = RemoveEvidence(document_id=document.id)
        await stage.do("supplier_editor", service.remove_evidence, remove)
        assert (await stage.load(item)).status is left
    assert await stage.all(Document) == []


async def test_of_two_who_take_it_back_at_once_one_finds_nothing(stage: Stage) -> None:
    await declared(stage, a_file(), evidence="https://issuer.example/4711")
    [document] = await stage.all(Document)
    remove = RemoveEvidence(document_id=document.id)
    done = await asyncio.gather(
        stage.do("supplier_editor", service.remove_evidence, remove),
        stage.do("supplier_admin", service.remove_evidence, remove),
        return_exceptions=True,
    )
    assert sum(isinstance(one, NotFound) for one in done) == 1
