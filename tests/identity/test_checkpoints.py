"""The audit trail's head is signed: another chain in its place is noticed."""

import json
import secrets

import pytest
from sqlalchemy import delete, text, update

from innohub.db.unit_of_work import Database
from innohub.identity.actor import SYSTEM
from innohub.identity.checkpoints import AuditCheckpoint, check, checkpoint, exported
from innohub.identity.models import Organisation, OrganisationKind
from innohub.outbox import audit
from innohub.outbox.models import AuditEntry
from innohub.outbox.service import record
from innohub.settings import Settings
from innohub.vault import Vault


@pytest.fixture
def vault(settings: Settings) -> Vault:
    return Vault.of(settings.vault_secret)


async def something_happens(database: Database, name: str) -> None:
    async with database.unit_of_work(SYSTEM.signature()) as work:
        organisation = Organisation(
            kind=OrganisationKind.SUPPLIER, slug=name, name=name, created_at=work.now
        )
        work.session.add(organisation)
        await record(work, "organisation:add", organisation, detail={"slug": name})


async def test_a_head_is_signed_once_and_borne_out(database: Database, vault: Vault) -> None:
    await something_happens(database, "one")
    assert [await checkpoint(database, vault=vault) for _ in range(2)] == [1, 0]
    await something_happens(database, "two")
    assert await checkpoint(database, vault=vault) == 1
    async with database.session() as session:
        found = await check(session, vault)
        lines = [json.loads(line) async for line in exported(session)]
    assert (found.checkpoints, found.broken_at, found.trail.broken_at) == (2, None, None)
    assert [line["kind"] for line in lines] == [
        "key", "entry", "entry", "checkpoint", "checkpoint",
    ]  # fmt: skip
    assert not any("d" in line for line in lines if line["kind"] == "key")


async def test_another_chain_that_fits_in_itself_is_noticed(
    database: Database, vault: Vault
) -> None:
    await something_happens(database, "one")
    await checkpoint(database, vault=vault)
    async with database.session() as session, session.begin():
        await session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        entry = await session.get_one(AuditEntry, 1)
        entry.detail = {"slug": "another"}
        entry.hash = audit.digest(entry)
        await session.flush()
        await session.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER USER"))
    async with database.session() as session:
        found = await check(session, vault)
    assert found.trail.broken_at is None
    assert (found.broken_at, found.why) == (1, "the trail was another when it was signed")


async def test_a_checkpoint_that_nobody_signed_is_noticed(database: Database, vault: Vault) -> None:
    await something_happens(database, "one")
    await checkpoint(database, vault=vault)
    async with database.session() as session:
        stranger = Vault.of(secrets.token_urlsafe(32))
        assert (await check(session, stranger)).why == (
            "its key is not the hub's, or INNOHUB_VAULT_KEY is not the one it had"
        )
    async with database.session() as session, session.begin():
        await session.execute(update(AuditCheckpoint).values(head="0" * 64))
    async with database.session() as session:
        assert (await check(session, vault)).why == "it says something else than what was signed"
    async with database.session() as session, session.begin():
        await session.execute(update(AuditCheckpoint).values(signed="a.b.c"))
    async with database.session() as session:
        assert (await check(session, vault)).why == "its signature is not the hub's"
    async with database.session() as session, session.begin():
        await session.execute(delete(AuditCheckpoint))
