"""Who may add and remove the pictures and documents of a listing, when, and how many."""

from typing import Any

import pytest

from innohub.errors import Conflict, Invalid, TooLarge
from innohub.identity.actor import Actor
from innohub.market.catalogue import service
from innohub.market.catalogue.attachments import (
    OPEN,
    PointToDocument,
    RemoveDocument,
    UploadDocument,
)
from innohub.market.catalogue.models import ListingState, Technology
from innohub.market.documents import service as documents
from innohub.market.documents.files import File, examine
from innohub.market.documents.models import Document, DocumentContent, DocumentKind
from tests.market.catalogue.stage import OUTSIDERS, REASON, Stage
from tests.market.documents import samples

S = ListingState
EDITORS = {"supplier_admin", "supplier_editor", "writing_client"}


def command(technology: Technology, **given: Any) -> UploadDocument:
    fields = {"technology_id": technology.id, "title": "Guide", "marking": "official", **given}
    return UploadDocument.parse(fields)


def a_file(number: int = 0) -> File:
    return examine(samples.PDF + str(number).encode(), "guide.pdf")


async def upload(work: Any, actor: Actor, given: UploadDocument) -> Document:
    return await service.upload(work, actor, given, file=a_file())


def pointer(technology: Technology) -> PointToDocument:
    fields = {"technology_id": technology.id, "title": "Test report", "holder": "The supplier"}
    return PointToDocument.parse(fields)


async def test_editors_of_the_supplier_add(stage: Stage) -> None:
    technology = await stage.published()
    await stage.try_everybody(upload, command(technology), allowed=EDITORS)
    await stage.try_everybody(service.point_to, pointer(technology), allowed=EDITORS)


async def test_nobody_adds_to_a_draft_that_they_do_not_see(stage: Stage) -> None:
    technology = await stage.drafted()
    hidden = OUTSIDERS | {"catalogue_reviewer"}
    await stage.try_everybody(upload, command(technology), allowed=EDITORS, hidden_from=hidden)


async def test_what_is_under_review_or_off_the_market_stays_as_it_is(stage: Stage) -> None:
    technology = await stage.published()
    await stage.try_every_state(
        "supplier_editor", upload, command(technology), technology, works_in=OPEN
    )


async def test_editors_and_reviewers_remove(stage: Stage) -> None:
    technology = await stage.published()
    document = await stage.do("supplier_editor", service.point_to, pointer(technology))
    remove = RemoveDocument.parse({"document_id": document.id, "reason": REASON})
    allowed = EDITORS | {"catalogue_reviewer"}
    await stage.try_everybody(service.remove_document, remove, allowed=allowed)


async def test_a_reviewer_says_why(stage: Stage) -> None:
    technology = await stage.published()
    document = await stage.do("supplier_editor", service.point_to, pointer(technology))
    remove = RemoveDocument.parse({"document_id": document.id})
    with pytest.raises(Invalid):
        await stage.do("catalogue_reviewer", service.remove_document, remove)


async def test_what_is_removed_leaves_no_byte_but_its_hash_in_the_audit_trail(
    stage: Stage,
) -> None:
    document = await stage.do("supplier_editor", upload, command(await stage.published()))
    remove = RemoveDocument.parse({"document_id": document.id})
    await stage.do("supplier_editor", service.remove_document, remove)
    assert await stage.all(Document) == []
    assert await stage.all(DocumentContent) == []
    assert (await stage.actions())[-2:] == ["document:store", "document:remove"]


async def test_a_stale_revision_is_a_conflict(stage: Stage) -> None:
    technology = await stage.drafted()
    stale = command(technology, revision=technology.revision + 7)
    with pytest.raises(Conflict):
        await stage.do("supplier_editor", upload, stale)


async def test_a_picture_needs_its_words(stage: Stage) -> None:
    technology = await stage.drafted()
    actor = stage.actors["supplier_editor"]
    picture = examine(samples.picture(), "mast.png")
    async with stage.database.unit_of_work(actor.signature()) as work:
        with pytest.raises(Invalid) as refused:
            await service.upload(work, actor, command(technology), file=picture)
        assert refused.value.field == "alternative_text"
        shown = command(technology, alternative_text="A mast with two cameras")
        stored = await service.upload(work, actor, shown, file=picture)
    assert (stored.kind, stored.width, stored.height) == (DocumentKind.IMAGE, 64, 48)


@pytest.mark.parametrize(
    "given",
    [
        {"marking": "official_sensitive"},
        {"marking": "secret"},
        {"title": "OFFICIAL-SENSITIVE: network plan"},
    ],
)
def test_nothing_marked_sensitive_is_stored(given: dict[str, str]) -> None:
    fields = {"technology_id": 1, "title": "Guide", "marking": "official", **given}
    with pytest.raises(Invalid):
        UploadDocument.parse(fields)


def test_whether_it_is_marked_has_to_be_said() -> None:
    with pytest.raises(Invalid) as refused:
        UploadDocument.parse({"technology_id": 1, "title": "Guide"})
    assert refused.value.field == "marking"


async def test_the_same_file_is_not_stored_twice(stage: Stage) -> None:
    technology = await stage.drafted()
    await stage.do("supplier_editor", upload, command(technology))
    with pytest.raises(Invalid, match="there already"):
        await stage.do("supplier_editor", upload, command(technology))


async def test_two_at_once_do_not_pass_the_limit_together(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MAX_FILES", 1)
    technology = await stage.drafted()
    attempt = ("supplier_editor", service.point_to, pointer(technology))
    _, refused = await stage.overlap(attempt, attempt)
    assert isinstance(refused, TooLarge)


async def test_an_organisation_has_a_quota(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "QUOTA", len(samples.PDF) + 10)
    await stage.do("supplier_editor", upload, command(await stage.drafted()))
    with pytest.raises(TooLarge, match="Your organisation"):
        await stage.do("supplier_editor", upload, command(await stage.drafted(name="Another")))
