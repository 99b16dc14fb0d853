"""Signing secrets change over: for a while both sign, then the new one alone."""

import orjson
import pytest
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from innohub.db.unit_of_work import Database
from innohub.errors import Denied, Invalid, NotFound, WrongState
from innohub.hub.access.authorisation import Credential, CredentialKind
from innohub.hub.commands import EndOldSecret, RotateSigningSecret
from innohub.hub.connectors.engine import sign
from innohub.hub.delivery import signing
from innohub.hub.delivery.signing import Rotated
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from innohub.identity.models import Role
from innohub.outbox.models import AuditEntry
from innohub.worker.tidying import tidy
from tests.factories import Somebody, a_supplier, somebody
from tests.hub.connecting import connected, with_connector
from tests.hub.scene import RealClock, Receiving, Supplied, a_courier, attempts, happen

DAY = 24 * 3600.0


async def rotated(
    database: Database, hub: Hub, supplied: Supplied, *, by: Somebody | None = None, **given: int
) -> Rotated:
    actor = (by or supplied.admin).actor
    command = RotateSigningSecret.parse({"connection_id": supplied.connection.id} | given)
    async with database.unit_of_work(actor.signature()) as work:
        return await signing.rotate_signing_secret(work, actor, command, hub=hub)


async def ended(database: Database, hub: Hub, supplied: Supplied) -> None:
    actor = supplied.admin.actor
    command = EndOldSecret(connection_id=supplied.connection.id)
    async with database.unit_of_work(actor.signature()) as work:
        await signing.end_old_secret(work, actor, command, hub=hub)


async def live(database: Database, hub: Hub, supplied: Supplied) -> tuple[str, ...]:
    async with database.session() as session:
        found = select(Credential).where(Credential.connection_id == supplied.connection.id)
        rows = {row.kind: row for row in await session.scalars(found)}
    return signing.live(hub.vault, rows, supplied.connection, now=database.clock())


@pytest.fixture
def database(database: Database, clock: RealClock) -> Database:
    database.clock = clock
    return database


async def test_while_both_count_a_receiver_verifies_with_either(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    courier = a_courier(database, hub, outbound)
    new = (await rotated(database, hub, supplied)).signing_secret
    assert new != supplied.signing_secret
    for secret in (supplied.signing_secret, new):
        receiving.inbox.signing_secret = secret
        await happen(database, supplied.supplier)
        await courier.drain()
    assert receiving.inbox.report()["received"] == 2
    assert receiving.inbox.report()["refused"] == {}
    sent = (await attempts(database))[0]
    assert sent.request_headers["webhook-signature"] == "[redacted]"


async def test_one_signature_for_each_secret_that_is_alive(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    new = (await rotated(database, hub, supplied)).signing_secret
    body = orjson.dumps({"type": "scene.happened"})
    secrets = await live(database, hub, supplied)
    assert secrets == (new, supplied.signing_secret)
    headers = sign("ih-1", database.clock(), body, secrets)
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in secrets:
        assert Webhook(secret).verify(body.decode(), headers) == {"type": "scene.happened"}
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.new_secret()).verify(body.decode(), headers)


async def test_the_old_one_ends_after_the_hours_that_were_chosen(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied,
    clock: RealClock,
) -> None:  # fmt: skip
    made = await rotated(database, hub, supplied)
    assert made.old_until is not None
    clock.pass_seconds(DAY - 60)
    assert await live(database, hub, supplied) == (made.signing_secret, supplied.signing_secret)
    clock.pass_seconds(61)
    assert await live(database, hub, supplied) == (made.signing_secret,)
    assert await tidy(database) == 1
    async with database.session() as session:
        old = Credential.kind == CredentialKind.OLD_SIGNING_SECRET
        row = (await session.scalars(select(Credential).where(old))).one()
    assert (row.ciphertext, row.expires_at) == (None, None)
    again = await rotated(database, hub, supplied)
    assert await live(database, hub, supplied) == (again.signing_secret, made.signing_secret)


async def test_the_old_one_is_ended_at_once(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    new = (await rotated(database, hub, supplied)).signing_secret
    await ended(database, hub, supplied)
    assert await live(database, hub, supplied) == (new,)
    with pytest.raises(WrongState, match="no older one"):
        await ended(database, hub, supplied)
    at_once = await rotated(database, hub, supplied, overlap_hours=0)
    assert at_once.old_until is None
    assert await live(database, hub, supplied) == (at_once.signing_secret,)


async def test_no_third_secret_counts_beside_two(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    new = (await rotated(database, hub, supplied)).signing_secret
    with pytest.raises(WrongState, match="end it first"):
        await rotated(database, hub, supplied)
    assert await live(database, hub, supplied) == (new, supplied.signing_secret)


async def test_a_secret_that_cannot_be_read_any_more_is_replaced(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    async with database.session() as session, session.begin():
        newest = Credential.kind == CredentialKind.SIGNING_SECRET
        row = (await session.scalars(select(Credential).where(newest))).one()
        row.ciphertext = b"spoilt"
    assert await live(database, hub, supplied) == ()
    made = await rotated(database, hub, supplied)
    assert made.old_until is None
    assert await live(database, hub, supplied) == (made.signing_secret,)


async def test_the_trail_tells_of_it_and_holds_no_secret(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    made = await rotated(database, hub, supplied, overlap_hours=72)
    await ended(database, hub, supplied)
    async with database.session() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.seq))).all()
    assert [(one.action, one.detail) for one in entries][-2:] == [
        ("connection:rotate_signing_secret", {"overlap_hours": 72}),
        ("connection:end_old_secret", {}),
    ]
    assert made.signing_secret not in repr([one.detail for one in entries])
    assert made.signing_secret not in repr(made)


async def test_only_the_suppliers_administrator_does_it(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    viewer = await somebody(database, supplied.supplier, Role.SUPPLIER_VIEWER)
    rival = await somebody(database, await a_supplier(database), Role.SUPPLIER_ADMIN)
    with pytest.raises(Denied):
        await rotated(database, hub, supplied, by=viewer)
    with pytest.raises(NotFound):
        await rotated(database, hub, supplied, by=rival)


async def test_a_connector_that_signs_nothing_has_no_secret_to_change(
    database: Database, hub: Hub
) -> None:
    plain = with_connector(hub, {"grant": "client_credentials"}, "client_secret")
    supplied = await connected(
        database,
        plain,
        secrets={"client_secret": "s3cr+t"},
        endpoint="https://crm.example/x",
        token_url="https://crm.example/t",
        client_id="us",
    )
    with pytest.raises(WrongState, match="not signed"):
        await rotated(database, plain, supplied)


@pytest.mark.parametrize("hours", [-1, 169])
def test_the_overlap_is_a_week_at_most(hours: int) -> None:
    with pytest.raises(Invalid):
        RotateSigningSecret.parse({"connection_id": 1, "overlap_hours": hours})
