"""The audit trail's head is signed: another chain in its place is noticed."""

import json
import secrets

import pytest
from sqlalchemy import delete, text, update

from innohub.db.unit_of_work import Database
from innohub.identity.actor import SYSTEM
from innohub.identity.checkpoints import AuditCheckpoint, Checked, check, checkpoint, exported
from innohub.identity.models import Organisation, OrganisationKind
from innohub.outbox import audit
from innohub.outbox.models import AuditEntry
from innohub.outbox.service import record
from innohub.settings import Settings
from innohub.vault import Vault
from tests.conftest import Clock


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
        found = await check(session, vault, database.clock())
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
        found = await check(session, vault, database.clock())
    assert found.trail.broken_at is None
    assert (found.broken_at, found.why) == (1, "the trail was another when it was signed")


async def test_a_checkpoint_that_nobody_signed_is_noticed(database: Database, vault: Vault) -> None:
    await something_happens(database, "one")
    await checkpoint(database, vault=vault)
    async with database.session() as session:
        stranger = Vault.of(secrets.token_urlsafe(32))
        assert (await check(session, stranger, database.clock())).why == (
            "its key is not the hub's, or INNOHUB_VAULT_KEY is not the one it had"
        )
    async with database.session() as session, session.begin():
        await session.execute(update(AuditCheckpoint).values(head="0" * 64))
    async with database.session() as session:
        assert (
            await check(session, vault, database.clock())
        ).why == "it says something else than what was signed"
    async with database.session() as session, session.begin():
        await session.execute(update(AuditCheckpoint).values(signed="a.b.c"))
    async with database.session() as session:
        assert (
            await check(session, vault, database.clock())
        ).why == "its signature is not the hub's"


async def test_a_trail_whose_checkpoints_were_taken_away_does_not_pass_for_a_young_one(
    database: Database, vault: Vault, clock: Clock
) -> None:
    """All of them, or those after an entry that was changed."""

    async def found() -> Checked:
        async with database.session() as session:
            return await check(session, vault, database.clock())

    for name in ("one", "two", "three"):
        await something_happens(database, name)
        assert (await found()).broken is None, "it was made just now"
        clock.pass_days(1 / 24)
        await checkpoint(database, vault=vault)
        clock.pass_days(1 / 12)
    clock.pass_days(900)
    assert (await found()).broken is None, "restored years later, it is as whole as it was"
    for kept, since in ((1, 2), (0, 1)):
        async with database.session() as session, session.begin():
            await session.execute(delete(AuditCheckpoint).where(AuditCheckpoint.seq > kept))
        told = (await found()).broken
        assert told is not None
        assert f"last {4 - since} entries are signed by nobody" in told
        assert "`innohub audit checkpoint`" in told
    assert await checkpoint(database, vault=vault) == 1
    assert (await found()).broken is None, "the operator says that it is theirs"
