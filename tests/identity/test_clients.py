"""Registering, rotating and revoking API clients."""

import asyncio

import httpx2
import pytest
from sqlalchemy import func, select

from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, Denied, Invalid, NotFound, NotSignedIn, WrongState
from innohub.identity.actor import STRANGER, SYSTEM, Actor
from innohub.identity.commands import RegisterClient, RevokeClient, RotateSecret
from innohub.identity.models import (
    OAuthClient,
    OAuthClientSecret,
    Organisation,
    OrganisationKind,
    Role,
)
from innohub.identity.oauth import clients
from innohub.identity.oauth.clients import WithSecret
from innohub.identity.permissions import Scope
from innohub.outbox.models import AuditEntry
from tests import factories
from tests.conftest import Clock
from tests.identity.a_hub import Machine, a_token


async def register(database: Database, actor: Actor, **given: object) -> WithSecret:
    command = RegisterClient.parse({"name": "Sync", "scopes": ["listings.read"], **given})
    async with database.unit_of_work(actor.signature()) as work:
        return await clients.register_client(work, actor, command)


async def rotate(database: Database, actor: Actor, id: int, overlap_hours: int = 24) -> WithSecret:
    command = RotateSecret(client_id=id, overlap_hours=overlap_hours)
    async with database.unit_of_work(actor.signature()) as work:
        return await clients.rotate_secret(work, actor, command)


async def revoke(database: Database, actor: Actor, id: int) -> None:
    async with database.unit_of_work(actor.signature()) as work:
        await clients.revoke_client(work, actor, RevokeClient(client_id=id))


async def counted(database: Database) -> tuple[int, int, int]:
    """Clients, secrets and audit entries stored."""
    async with database.session() as session:
        tables = (OAuthClient, OAuthClientSecret, AuditEntry)
        clients_, secrets, entries = [
            (await session.execute(select(func.count()).select_from(table))).scalar_one()
            for table in tables
        ]
    return clients_, secrets, entries


@pytest.fixture
async def admin(database: Database, supplier: Organisation) -> Actor:
    return (await factories.somebody(database, supplier, Role.SUPPLIER_ADMIN)).actor


async def test_only_those_who_manage_clients_register_one(
    database: Database, supplier: Organisation
) -> None:
    viewer = (await factories.somebody(database, supplier, Role.SUPPLIER_VIEWER)).actor
    machine = factories.client_of(supplier, *Scope)
    neighbour = await factories.a_supplier(database)
    other = (await factories.somebody(database, neighbour, Role.SUPPLIER_ADMIN)).actor
    for actor, error in (
        (STRANGER, NotSignedIn), (viewer, Denied), (machine, Denied), (other, Denied)
    ):  # fmt: skip
        with pytest.raises(error):
            await register(database, actor, organisation_id=supplier.id)
    assert await counted(database) == (0, 0, 0)


async def test_a_client_needs_an_organisation_that_exists(database: Database) -> None:
    with pytest.raises(NotFound):
        await register(database, SYSTEM, organisation_id=999_999)


@pytest.mark.parametrize(
    ("kind", "scopes"),
    [
        (OrganisationKind.SUPPLIER, ["listings.read", "results.write"]),
        (OrganisationKind.FORCE, ["results.write", "listings.write"]),
        (OrganisationKind.FORCE, ["pilots.respond"]),
        (OrganisationKind.COMPANY, ["listings.read"]),
        (OrganisationKind.BOARD, ["listings.read"]),
    ],
)
async def test_scopes_fit_the_kind_of_organisation(
    database: Database, kind: OrganisationKind, scopes: list[str]
) -> None:
    force = kind is OrganisationKind.FORCE
    holder = await (
        factories.the_force(database) if force else factories.an_organisation(database, kind)
    )
    with pytest.raises(Invalid) as refused:
        await register(database, SYSTEM, organisation_id=holder.id, scopes=scopes)
    assert refused.value.field == "scopes"
    assert await counted(database) == (0, 0, 0)


@pytest.mark.parametrize("scopes", [[], "", ["nonsense"], "listings.read nonsense"])
def test_a_client_holds_at_least_one_scope_and_only_real_ones(scopes: object) -> None:
    with pytest.raises(Invalid):
        RegisterClient.parse({"name": "Sync", "scopes": scopes})


async def test_a_supplier_admin_registers_a_client_and_sees_its_secret_once(
    database: Database, supplier: Organisation, admin: Actor, hub: httpx2.AsyncClient
) -> None:
    made = await register(
        database, admin, organisation_id="", scopes="listings.read pilots.respond"
    )
    assert made.client.organisation_id == supplier.id
    assert made.client.scopes == ["listings.read", "pilots.respond"]
    assert made.secret not in repr(made)
    assert await a_token(hub, Machine(made.client.id, made.client.client_id, made.secret))


async def test_every_change_is_audited_without_the_secret(database: Database, admin: Actor) -> None:
    made = await register(database, admin)
    fresh = await rotate(database, admin, made.client.id)
    await revoke(database, admin, made.client.id)
    async with database.session() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.seq))).all()
    assert [entry.action for entry in entries] == [
        "client:register", "client:rotate_secret", "client:revoke",
    ]  # fmt: skip
    for entry in entries:
        assert (entry.object_type, entry.object_id) == ("oauth_client", made.client.id)
        assert entry.person_id == admin.person_id
        assert made.secret not in str(entry.detail)
        assert fresh.secret not in str(entry.detail)


async def test_a_neighbours_client_does_not_exist(database: Database, machine: Machine) -> None:
    neighbour = await factories.a_supplier(database)
    other = (await factories.somebody(database, neighbour, Role.SUPPLIER_ADMIN)).actor
    before = await counted(database)
    for change in (rotate, revoke):
        for actor in (other, STRANGER):
            with pytest.raises(NotFound):
                await change(database, actor, machine.id)
    assert await counted(database) == before


async def test_a_third_live_secret_is_refused(
    database: Database, machine: Machine, clock: Clock
) -> None:
    await rotate(database, SYSTEM, machine.id)
    before = await counted(database)
    with pytest.raises(Conflict):
        await rotate(database, SYSTEM, machine.id)
    assert await counted(database) == before
    clock.pass_days(1)
    assert await rotate(database, SYSTEM, machine.id)


async def test_a_leaked_secret_ends_at_once_with_all_its_tokens(
    database: Database, machine: Machine, hub: httpx2.AsyncClient
) -> None:
    token = await a_token(hub, machine)
    fresh = await rotate(database, SYSTEM, machine.id, overlap_hours=0)
    form = {"grant_type": "client_credentials"}
    old = await hub.post("/oauth/token", data=form, headers=machine.basic)
    assert old.status_code == 401
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await hub.get("/whoami", headers=bearer)).status_code == 401
    assert await a_token(hub, Machine(machine.id, machine.client_id, fresh.secret))


async def test_a_revoked_client_stays_revoked(database: Database, machine: Machine) -> None:
    await revoke(database, SYSTEM, machine.id)
    for change in (rotate, revoke):
        with pytest.raises(WrongState):
            await change(database, SYSTEM, machine.id)


async def test_of_two_rotations_at_once_one_wins(database: Database, machine: Machine) -> None:
    answers = await asyncio.gather(
        *(rotate(database, SYSTEM, machine.id) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(answer, WithSecret) for answer in answers) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 3
    assert (await counted(database))[1] == 2


async def test_tokens_are_issued_without_a_gap_while_secrets_rotate(
    database: Database, machine: Machine, hub: httpx2.AsyncClient
) -> None:
    async def many() -> list[str]:
        return [await a_token(hub, machine) for _ in range(10)]

    first, second, fresh = await asyncio.gather(
        many(), many(), rotate(database, SYSTEM, machine.id)
    )
    assert len({*first, *second}) == 20
    assert await a_token(hub, Machine(machine.id, machine.client_id, fresh.secret))


async def test_no_token_outlives_a_revocation_that_races_with_it(
    database: Database, machine: Machine, hub: httpx2.AsyncClient
) -> None:
    async def ask() -> httpx2.Response:
        form = {"grant_type": "client_credentials"}
        return await hub.post("/oauth/token", data=form, headers=machine.basic)

    *answers, _ = await asyncio.gather(
        *(ask() for _ in range(10)), revoke(database, SYSTEM, machine.id)
    )
    for answer in answers:
        assert answer.status_code in (200, 401)
        if answer.status_code == 200:
            bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
            assert (await hub.get("/whoami", headers=bearer)).status_code == 401
