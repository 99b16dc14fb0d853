"""The look at every file: nobody but its owner sees it before, and nothing of it stays after harm
was found."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.errors import WrongState
from innohub.market.catalogue import policy, service
from innohub.market.catalogue.attachments import UploadDocument
from innohub.market.catalogue.models import Technology
from innohub.market.documents.clamd import Clamd, ScannerFailed, Verdict
from innohub.market.documents.files import examine
from innohub.market.documents.models import SCAN, Document, DocumentContent, DocumentState
from innohub.market.documents.scanning import LEASE, scan_due
from innohub.notices.models import Notice
from tests.conftest import Clock
from tests.market.catalogue.stage import Stage, a_stage
from tests.market.documents import samples

EICAR = b"%PDF- X5O!P%@AP[4 a test signature"
S = DocumentState


@pytest_asyncio.fixture
async def stage(database: Database) -> Stage:
    return await a_stage(database)


async def upload(stage: Stage, technology: Technology, content: bytes = samples.PDF) -> Document:
    actor = stage.actors["supplier_editor"]
    command = UploadDocument.parse(
        {"technology_id": technology.id, "title": "Guide", "marking": "official"}
    )
    async with stage.database.unit_of_work(actor.signature()) as work:
        return await service.upload(work, actor, command, file=examine(content, "guide.pdf"))


async def look(content: bytes) -> Verdict:
    """A scanner that knows one signature."""
    return Verdict("Eicar-Test-Signature" if b"test signature" in content else None)


async def away(content: bytes) -> Verdict:
    raise ScannerFailed("connection refused")


async def sees(stage: Stage, part: str) -> bool:
    return bool(await stage.sees(part, Document, policy.document_visible))


async def test_what_is_clean_is_released_and_nobody_but_its_owner_sees_it_before(
    stage: Stage,
) -> None:
    document = await upload(stage, await stage.published())
    parts = ("supplier_viewer", "lead", "catalogue_reviewer", "stranger", "rival_admin")
    assert [part for part in parts if await sees(stage, part)] == ["supplier_viewer"]
    assert await scan_due(stage.database, look) == 1
    assert [part for part in parts if await sees(stage, part)] == list(parts)
    assert (await stage.load(document)).state == S.CLEAN


async def test_of_what_is_infected_no_byte_stays_and_its_owner_is_told(stage: Stage) -> None:
    document = await upload(stage, await stage.published(), EICAR)
    await scan_due(stage.database, look)
    stored = await stage.load(document)
    assert (stored.state, stored.finding) == (S.INFECTED, "Eicar-Test-Signature")
    assert await stage.all(DocumentContent) == []
    assert not await sees(stage, "lead")
    key = f"document/{document.id}/infected"
    told = {notice.person_id for notice in await stage.all(Notice) if notice.key == key}
    assert told == {stage.people[part].id for part in ("supplier_admin", "supplier_editor")}


async def test_without_a_scanner_it_is_released_and_said_not_to_be_scanned(stage: Stage) -> None:
    document = await upload(stage, await stage.published())
    await scan_due(stage.database, None)
    assert (await stage.load(document)).state == S.NOT_SCANNED
    assert await sees(stage, "lead")


async def test_once_there_is_a_scanner_what_was_not_scanned_is_called_back(stage: Stage) -> None:
    technology = await stage.published()
    document = await upload(stage, technology, EICAR)
    await scan_due(stage.database, None)
    with_harm_unseen = await sees(stage, "lead")
    await scan_due(stage.database, away)
    assert with_harm_unseen
    assert not await sees(stage, "lead")
    assert (await stage.load(document)).state == S.AWAITING_SCAN


async def test_a_scan_that_fails_is_tried_again_after_a_pause(stage: Stage, clock: Clock) -> None:
    document = await upload(stage, await stage.published())
    assert await scan_due(stage.database, away) == 0
    assert await scan_due(stage.database, look) == 0
    clock.now += timedelta(seconds=11)
    assert await scan_due(stage.database, look) == 1
    assert (await stage.load(document)).state == S.CLEAN


async def test_a_worker_that_dies_over_a_file_leaves_it_to_the_next(
    stage: Stage, clock: Clock
) -> None:
    document = await upload(stage, await stage.published())

    async def dies(content: bytes) -> Verdict:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await scan_due(stage.database, dies)
    assert await scan_due(stage.database, look) == 0
    clock.now += LEASE
    assert await scan_due(stage.database, look) == 1
    assert (await stage.load(document)).state == S.CLEAN


async def test_two_workers_settle_each_file_once(stage: Stage) -> None:
    technology = await stage.published()
    for number in range(6):
        await upload(stage, technology, samples.PDF + str(number).encode())
    settled = await asyncio.gather(*(scan_due(stage.database, look) for _ in range(3)))
    assert sum(settled) == 6
    assert (await stage.actions()).count("document:find_clean") == 6


async def test_a_file_that_is_removed_meanwhile_is_not_missed(stage: Stage) -> None:
    document = await upload(stage, await stage.published())

    async def removing(content: bytes) -> Verdict:
        async with stage.database.session() as session, session.begin():
            await session.delete(await session.get_one(Document, document.id))
        return Verdict(None)

    assert await scan_due(stage.database, removing) == 0
    assert await stage.all(Document) == []


@pytest.mark.parametrize("verb", ["find_clean", "find_infected", "leave_unscanned"])
@pytest.mark.parametrize("state", DocumentState)
def test_only_what_awaits_its_scan_is_settled(verb: str, state: DocumentState) -> None:
    if state is S.AWAITING_SCAN:
        assert SCAN.after(verb, state) in {S.CLEAN, S.INFECTED, S.NOT_SCANNED}
    else:
        with pytest.raises(WrongState):
            SCAN.after(verb, state)


@asynccontextmanager
async def a_clamd(answer: bytes) -> AsyncIterator[tuple[Clamd, list[bytes]]]:
    """A daemon on loopback that takes a stream as clamd does and answers what it is told to."""
    received: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack("!L", await reader.readexactly(4))[0]:
            content += await reader.readexactly(length)
        received.append(content)
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield Clamd.at(f"127.0.0.1:{port}"), received


async def test_the_whole_file_goes_to_clamd_in_chunks() -> None:
    content = bytes(range(256)) * 1_000
    async with a_clamd(b"stream: OK\0") as (clamd, received):
        assert await clamd.scan(content) == Verdict(None)
    assert received == [content]


async def test_what_clamd_finds_is_named() -> None:
    async with a_clamd(b"stream: Win.Test.EICAR_HDB-1 FOUND\0") as (clamd, _):
        assert await clamd.scan(b"x") == Verdict("Win.Test.EICAR_HDB-1")


@pytest.mark.parametrize("answer", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: \0"])
async def test_whatever_else_clamd_says_is_no_verdict(answer: bytes) -> None:
    async with a_clamd(answer) as (clamd, _):
        with pytest.raises(ScannerFailed):
            await clamd.scan(b"x")


async def test_a_clamd_that_is_away_gives_no_verdict() -> None:
    with pytest.raises(ScannerFailed):
        await Clamd.at("127.0.0.1:1").scan(b"x")


@pytest.mark.parametrize("address", ["", "clamd", "clamd:0", "clamd:99999", "http://clamd:3310"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        Clamd.at(address)


async def test_the_content_row_goes_with_its_document(stage: Stage) -> None:
    document = await upload(stage, await stage.published())
    async with stage.database.session() as session:
        rows = (await session.scalars(select(DocumentContent.document_id))).all()
    assert rows == [document.id]
