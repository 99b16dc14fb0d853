"""What comes back from a supplier's system: signed, stored before it is acknowledged, noted once,
and on that supplier's own pilots only."""

import asyncio
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import orjson
import pytest
import pytest_asyncio
from sqlalchemy import func, select, text
from standardwebhooks.webhooks import Webhook

from innohub.db.unit_of_work import Database
from innohub.errors import NotFound, WrongState
from innohub.hub import service
from innohub.hub.access.authorisation import Credential, CredentialKind
from innohub.hub.access.resealing import reseal_due
from innohub.hub.commands import CloseInbound, OpenInbound
from innohub.hub.connectors.contract import external_key
from innohub.hub.delivery.signing import forget_ended
from innohub.hub.inbound import noting, receiving
from innohub.hub.inbound.models import InboundMessage, SupplierNote
from innohub.hub.inbound.opening import KEPT, forget
from innohub.hub.inbound.receiving import Answer, Receiver
from innohub.hub.inbound.wording import LONGEST_LINE, LONGEST_TEXT, line, moment, plain
from innohub.hub.models import Lane
from innohub.hub.wiring import Hub
from innohub.identity.models import Role
from innohub.market.pilots.models import Pilot
from innohub.outbox.models import AuditEntry
from innohub.vault import Vault
from tests.factories import a_supplier, somebody, the_force
from tests.hub.scene import Supplied, a_connection, happen
from tests.web.shelf import a_listing, a_pilot

OTHER_SECRET = "whsec_" + b64encode(b"somebody else's secret, 32 bytes").decode()
ids = count(1)


@dataclass
class Back:
    """A supplier's system that tells of a pilot's record."""

    database: Database
    hub: Hub
    supplied: Supplied
    pilot: Pilot
    secret: str = field(repr=False)

    @property
    def key(self) -> str:
        return external_key(self.supplied.supplier.id, f"pilot/{self.pilot.id}", 1)

    def body(self, **data: Any) -> dict[str, Any]:
        told = {"external_key": self.key, "status": "In progress", "text": "Shipped."} | data
        return {"type": "ticket.changed", "data": told}

    def signed(
        self, body: Any, at: datetime | None = None, message_id: str | None = None
    ) -> tuple[dict[str, str], bytes]:
        at = at or self.database.clock()
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        message_id = message_id or f"msg_{next(ids)}"
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(message_id, at, raw.decode()),
        }, raw

    async def send(self, body: Any, **how: Any) -> Answer:
        return await self.receive(*self.signed(body, **how))

    async def receive(self, headers: dict[str, str], raw: bytes) -> Answer:
        number = self.supplied.connection.id
        return await Receiver(self.database, self.hub).receive(number, headers, raw)

    async def notes(self) -> list[SupplierNote]:
        async with self.database.session() as session:
            return list(await session.scalars(select(SupplierNote).order_by(SupplierNote.id)))

    async def taken(self) -> int:
        async with self.database.session() as session:
            counted = select(func.count()).select_from(InboundMessage)
            return await session.scalar(counted) or 0


async def opened(database: Database, hub: Hub, supplied: Supplied, overlap_hours: int = 24) -> str:
    actor = supplied.admin.actor
    command = OpenInbound(connection_id=supplied.connection.id, overlap_hours=overlap_hours)
    async with database.unit_of_work(actor.signature()) as work:
        return (await service.open_inbound(work, actor, command, hub=hub)).secret


@pytest_asyncio.fixture
async def back(database: Database, hub: Hub, supplied: Supplied) -> Back:
    listing = await a_listing(database, supplier=supplied.supplier)
    pilot = await a_pilot(database, listing, await the_force(database))
    await happen(database, supplied.supplier, f"pilot/{pilot.id}")
    return Back(database, hub, supplied, pilot, await opened(database, hub, supplied))


async def test_a_signed_message_becomes_a_note_on_the_pilot(back: Back) -> None:
    told = back.body(by="Ada", at="2026-11-20T09:30:00+01:00")
    assert await back.send(told) == Answer(200, {"result": "noted"})
    [note] = await back.notes()
    assert (note.pilot_id, note.organisation_id) == (back.pilot.id, back.supplied.supplier.id)
    assert (note.status, note.body, note.by_name) == ("In progress", "Shipped.", "Ada")
    assert note.happened_at == datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    async with back.database.session() as session:
        action = AuditEntry.action == "pilot:supplier_note"
        entry = (await session.scalars(select(AuditEntry).where(action))).one()
    assert (entry.object_id, entry.organisation_id) == (note.id, back.supplied.supplier.id)
    assert entry.detail["pilot"] == back.pilot.id


async def test_a_bad_signature_an_old_one_and_one_of_tomorrow_are_refused(back: Back) -> None:
    now = back.database.clock()
    headers, raw = back.signed(back.body())
    forged = Back(back.database, back.hub, back.supplied, back.pilot, OTHER_SECRET)
    for bad_headers, bad_raw in (
        forged.signed(back.body()),
        (headers, raw + b" "),
        (headers | {"webhook-id": "another"}, raw),
        (headers | {"webhook-signature": "v1,"}, raw),
        (headers | {"webhook-timestamp": "soon"}, raw),
        (headers | {"webhook-timestamp": "9" * 40}, raw),
        ({}, raw),
        back.signed(back.body(), at=now - timedelta(seconds=330)),
        back.signed(back.body(), at=now + timedelta(seconds=330)),
    ):
        assert await back.receive(bad_headers, bad_raw) == receiving.REFUSED
    assert (await back.notes(), await back.taken()) == ([], 0)


async def test_a_replayed_message_is_refused_and_a_retry_is_acknowledged(back: Back) -> None:
    headers, raw = back.signed(back.body())
    assert (await back.receive(headers, raw)).status == 200
    assert await back.receive(headers, raw) == receiving.REPLAYED
    later = back.database.clock() + timedelta(seconds=20)
    again = await back.send(back.body(), at=later, message_id=headers["webhook-id"])
    assert again == receiving.AGAIN
    assert len(await back.notes()) == 1


async def test_two_at_once_are_noted_once(back: Back) -> None:
    headers, raw = back.signed(back.body())
    answers = await asyncio.gather(*(back.receive(headers, raw) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]
    alike = await asyncio.gather(*(back.send(back.body()) for _ in range(3)))
    assert {answer.body["result"] for answer in alike} == {"nothing new"}
    assert len(await back.notes()) == 1


async def test_what_changed_is_a_further_note_and_a_late_status_is_not(back: Back) -> None:
    for minute, status in ((1, "New"), (3, "Done"), (2, "In progress"), (3, "Done")):
        at = datetime(2026, 11, 20, 9, minute, tzinfo=UTC).isoformat()
        await back.send(back.body(status=status, text=None, at=at))
    assert [note.status for note in await back.notes()] == ["New", "Done"]


async def test_a_message_whose_note_cannot_be_stored_is_not_acknowledged(
    back: Back, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: Any, **__: Any) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(noting, "record", dies)
    headers, raw = back.signed(back.body())
    with pytest.raises(asyncio.CancelledError):
        await back.receive(headers, raw)
    monkeypatch.undo()
    assert (await back.notes(), await back.taken()) == ([], 0)
    assert await back.receive(headers, raw) == Answer(200, {"result": "noted"})


@pytest.mark.parametrize(
    "told",
    [
        {"external_key": "ih-" + "a" * 26},
        {"external_key": None},
        {"external_key": ["ih-"]},
        {"status": "", "text": " \u200b\n"},
        {"status": {"deep": 1}, "text": True},
    ],
)
async def test_what_is_no_note_of_ours_is_acknowledged_and_noted_nowhere(
    back: Back, told: dict[str, Any]
) -> None:
    answer = await back.send(back.body(**told))
    assert (answer.status, await back.notes()) == (200, [])


async def test_a_record_of_another_suppliers_pilot_is_noted_nowhere(back: Back) -> None:
    other = await somebody(
        back.database, await a_supplier(back.database, "Other"), Role.SUPPLIER_ADMIN
    )
    listing = await a_listing(back.database, "Theirs", supplier=other.organisation)
    pilot = await a_pilot(back.database, listing, await the_force(back.database))
    # An event of the supplier's own on a stream that names somebody else's pilot.
    stream = f"pilot/{pilot.id}"
    await happen(back.database, back.supplied.supplier, stream)
    key = external_key(back.supplied.supplier.id, stream, 1)

    answer = await back.send(back.body(external_key=key))

    assert answer == Answer(200, {"result": noting.Noted.NOT_OURS.value})
    assert await back.notes() == []


async def test_a_key_of_another_connection_is_none_of_this_one(
    back: Back, database: Database, hub: Hub
) -> None:
    other = await somebody(database, await a_supplier(database, "Other"), Role.SUPPLIER_ADMIN)
    theirs = await a_connection(database, hub, "https://other.example", admin=other)
    secret = await opened(database, hub, theirs)
    stranger = Back(database, hub, theirs, back.pilot, secret)
    answer = await stranger.send(back.body())
    assert answer == Answer(200, {"result": noting.Noted.NOT_OURS.value})


@pytest.mark.parametrize("raw", [b"", b"[1]", b"null", b"{", b'"text"', b"<html>"])
async def test_a_body_that_is_no_object_is_told_so(back: Back, raw: bytes) -> None:
    assert await back.send(raw) == receiving.NO_JSON
    assert await back.taken() == 0


async def test_no_address_is_told_from_one_with_a_wrong_signature(back: Back) -> None:
    headers, raw = back.signed(back.body())
    receiver = Receiver(back.database, back.hub)
    assert await receiver.receive(999_999, headers, raw) == receiving.REFUSED


async def test_the_old_secret_counts_until_its_hours_are_over(back: Back) -> None:
    old = Back(back.database, back.hub, back.supplied, back.pilot, back.secret)
    back.secret = await opened(back.database, back.hub, back.supplied, overlap_hours=2)
    assert (await old.send(back.body(text="By the old one."))).status == 200
    assert (await back.send(back.body(text="By the new one."))).status == 200
    assert await back.receive(*forged(back).signed(back.body())) == receiving.REFUSED
    with pytest.raises(WrongState, match="counts still"):
        await opened(back.database, back.hub, back.supplied)

    # The library that judges signatures goes by the wall clock, so the end is moved, not the time.
    now = back.database.clock()
    is_old = Credential.kind == CredentialKind.OLD_INBOUND_SECRET
    async with back.database.session() as session, session.begin():
        held = (await session.scalars(select(Credential).where(is_old))).one()
        assert held.expires_at is not None
        assert timedelta(minutes=110) < held.expires_at - now < timedelta(minutes=121)
        held.expires_at = now
    assert await old.send(back.body()) == receiving.REFUSED
    assert (await back.send(back.body())).status == 200
    async with back.database.session() as session, session.begin():
        assert await forget_ended(session, now=back.database.clock()) == 1


def forged(back: Back) -> Back:
    return Back(back.database, back.hub, back.supplied, back.pilot, OTHER_SECRET)


async def test_old_secrets_can_end_at_once_and_closing_ends_all(back: Back) -> None:
    first = Back(back.database, back.hub, back.supplied, back.pilot, back.secret)
    second = forged(back)
    second.secret = await opened(back.database, back.hub, back.supplied)
    back.secret = await opened(back.database, back.hub, back.supplied, overlap_hours=0)
    for old in (first, second):
        assert await old.send(back.body()) == receiving.REFUSED
    assert (await back.send(back.body())).status == 200
    actor = back.supplied.admin.actor
    command = CloseInbound(connection_id=back.supplied.connection.id)
    async with back.database.unit_of_work(actor.signature()) as work:
        await service.close_inbound(work, actor, command)
    assert await back.send(back.body()) == receiving.REFUSED
    with pytest.raises(WrongState):
        async with back.database.unit_of_work(actor.signature()) as work:
            await service.close_inbound(work, actor, command)


async def test_strangers_cannot_open_it(back: Back) -> None:
    stranger = await somebody(
        back.database, await a_supplier(back.database, "Other"), Role.SUPPLIER_ADMIN
    )
    command = OpenInbound(connection_id=back.supplied.connection.id)
    with pytest.raises(NotFound):
        async with back.database.unit_of_work(stranger.actor.signature()) as work:
            await service.open_inbound(work, stranger.actor, command, hub=back.hub)


async def test_a_flood_is_stopped_for_the_hour(back: Back, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "MOST_AN_HOUR", 2)
    answers = [(await back.send(back.body(text=f"{n}"))).status for n in range(3)]
    assert answers == [200, 200, 429]


async def test_no_lane_waits_for_what_comes_back_nor_the_other_way_round(back: Back) -> None:
    async with back.database.session() as session, session.begin():
        await session.execute(select(Lane).with_for_update())
        await session.execute(text("SELECT * FROM remote_record FOR UPDATE"))
        async with asyncio.timeout(10):
            assert (await back.send(back.body())).status == 200


async def test_the_secret_outlives_a_change_of_the_vaults_key(back: Back, hub: Hub) -> None:
    both = Vault([b"n" * 32])
    both._ring |= hub.vault._ring
    assert await reseal_due(back.database, vault=both) >= 2
    object.__setattr__(back.hub, "vault", both)
    assert (await back.send(back.body())).status == 200


async def test_ids_of_messages_are_forgotten_when_nobody_sends_them_again(back: Back) -> None:
    await back.send(back.body())
    now = back.database.clock()
    async with back.database.session() as session, session.begin():
        assert await forget(session, now=now + KEPT - timedelta(hours=1)) == 0
        assert await forget(session, now=now + KEPT + timedelta(hours=1)) == 1
    assert len(await back.notes()) == 1


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("  In  progress ", "In progress"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("evil\u202etxt\u200b", "eviltxt"),
        ("e\u0301", "é"),
        (7, "7"),
        ("x" * 500, "x" * (LONGEST_LINE - 1) + "…"),
        (None, None),
        (True, None),
        ([], None),
        ("\n\n", None),
    ],
)
def test_a_line_is_plain(given: Any, shown: str | None) -> None:
    assert line(given) == shown


def test_a_text_keeps_its_lines_and_is_cut() -> None:
    assert plain("One\r\n<b>two</b>\n", 100) == "One\n<b>two</b>"
    cut = plain("word " * 10_000, LONGEST_TEXT)
    assert cut is not None
    assert len(cut) <= LONGEST_TEXT
    assert cut.endswith("…")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("2026-11-20T08:30:00Z", datetime(2026, 11, 20, 8, 30, tzinfo=UTC)),
        (1_795_163_400, datetime(2026, 11, 20, 8, 30, tzinfo=UTC)),
        (1_795_163_400_000, datetime(2026, 11, 20, 8, 30, tzinfo=UTC)),
        ("2026-11-20T08:30:00", None),
        ("yesterday", None),
        (1e300, None),
        (None, None),
        (True, None),
    ],
)
def test_a_moment_is_read_in_the_usual_forms(given: Any, meant: datetime | None) -> None:
    assert moment(given) == meant
