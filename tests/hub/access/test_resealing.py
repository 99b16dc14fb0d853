"""A new key on the ring: what is written next is sealed by it, and the rest follows in batches."""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import replace

import pytest
import pytest_asyncio
from sqlalchemy import func, select
from typer.testing import CliRunner

from innohub.cli.main import app
from innohub.db.unit_of_work import Database
from innohub.hub.access import credentials
from innohub.hub.access.authorisation import Credential, CredentialKind
from innohub.hub.access.resealing import reseal_due, under_each_key
from innohub.hub.access.tokens import Tokens
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from innohub.vault import NotOpened, Vault
from tests.hub.scene import CLIENT_SECRET, Receiving, Supplied, a_connection


def a_key() -> str:
    return urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


OLD, NEW = a_key(), a_key()


@pytest.fixture
def hub(hub: Hub) -> Hub:
    return replace(hub, vault=Vault.of(OLD))


@pytest.fixture
def changed() -> Vault:
    return Vault.of(f"{NEW},{OLD}")


async def counts(database: Database) -> dict[str, int]:
    async with database.session() as session:
        return await under_each_key(session)


@pytest_asyncio.fixture
async def several(database: Database, hub: Hub, receiving: Receiving) -> list[Supplied]:
    return [await a_connection(database, hub, receiving.url) for _ in range(3)]


async def test_the_rest_is_sealed_anew_in_batches_and_opens_as_before(
    database: Database, changed: Vault, several: list[Supplied]
) -> None:
    old, new = Vault.of(OLD).primary, changed.primary
    assert await counts(database) == {old: 6}
    assert await reseal_due(database, vault=changed, batch=2) == 6
    assert await counts(database) == {new: 6}
    assert await reseal_due(database, vault=changed, batch=2) == 0

    alone = Vault.of(NEW)
    async with database.session() as session:
        for supplied in several:
            kind = CredentialKind.CLIENT_SECRET
            row = (await credentials.read_all(session, supplied.connection.id)).get(kind)
            assert row is not None
            assert credentials.opened(alone, row, supplied.connection) == CLIENT_SECRET


async def test_what_is_written_is_sealed_by_the_new_key_at_once(
    database: Database, hub: Hub, outbound: Outbound, changed: Vault, several: list[Supplied]
) -> None:
    tokens = Tokens(database, replace(hub, vault=changed), outbound)
    grant = hub.registry.get("webhook").manifest.authorise
    assert grant is not None
    await tokens.current(several[0].connection, grant)
    assert await counts(database) == {Vault.of(OLD).primary: 6, changed.primary: 1}


async def test_a_refresh_under_way_is_not_disturbed(
    database: Database, hub: Hub, outbound: Outbound, changed: Vault, several: list[Supplied]
) -> None:
    grant = hub.registry.get("webhook").manifest.authorise
    assert grant is not None
    connection = several[0].connection
    before = await Tokens(database, hub, outbound).current(connection, grant)
    await reseal_due(database, vault=changed)
    after = await Tokens(database, replace(hub, vault=Vault.of(NEW)), outbound).current(
        connection, grant
    )
    assert after == before


async def test_a_row_that_somebody_holds_is_left_to_the_next_round(
    database: Database, changed: Vault, several: list[Supplied]
) -> None:
    async with database.session() as session, session.begin():
        first = select(Credential).where(Credential.key_id.is_not(None)).order_by(Credential.id)
        await session.scalars(first.limit(1).with_for_update())
        assert await reseal_due(database, vault=changed) == 5
    assert await reseal_due(database, vault=changed) == 1


async def test_what_no_key_opens_stays_and_holds_up_nothing(
    database: Database, hub: Hub, changed: Vault, several: list[Supplied]
) -> None:
    lost = Vault.of(a_key())
    async with database.session() as session, session.begin():
        kind = CredentialKind.CLIENT_SECRET
        await credentials.store(
            session, lost, several[0].connection, kind, "x", now=database.clock()
        )
    assert await reseal_due(database, vault=changed, batch=2) == 5
    assert await counts(database) == {lost.primary: 1, changed.primary: 5}
    async with database.session() as session:
        row = (await credentials.read_all(session, several[0].connection.id)).get(kind)
        assert row is not None
        with pytest.raises(NotOpened):
            credentials.opened(changed, row, several[0].connection)
        assert await session.scalar(select(func.count(Credential.id))) == 9


def test_the_command_says_how_many_each_key_seals(
    several: list[Supplied], migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    old, new = Vault.of(OLD).primary, Vault.of(NEW).primary
    monkeypatch.setenv("INNOHUB_VAULT_KEY", f"{NEW},{OLD}")
    told = CliRunner().invoke(app, ["vault"])
    assert told.exit_code == 0, told.stderr
    assert f"{new}  seals  0 credentials" in told.stdout
    assert f"{old}  opens  6 credentials" in told.stdout
    told = CliRunner().invoke(app, ["vault", "--reseal"])
    assert f"{new}  seals  6 credentials" in told.stdout

    monkeypatch.setenv("INNOHUB_VAULT_KEY", OLD)
    told = CliRunner().invoke(app, ["vault"])
    assert told.exit_code == 1
    assert f"6 by {new}" in told.stderr
