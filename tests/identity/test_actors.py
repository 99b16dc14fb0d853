"""From a token to an Actor."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from innohub.db.engine import ReadPool
from innohub.db.unit_of_work import Database
from innohub.identity import actors, sessions
from innohub.identity.actor import SYSTEM, ActorKind
from innohub.identity.commands import RevokeClient
from innohub.identity.models import (
    Membership,
    OAuthClient,
    Organisation,
    OrganisationKind,
    Person,
    Role,
)
from innohub.identity.oauth import clients
from innohub.identity.permissions import OF_ROLE, OF_SCOPE, Permission, Scope
from tests import factories
from tests.conftest import Clock
from tests.identity.a_hub import Machine, a_machine, a_token, understood


async def a_session(database: Database, person: Person) -> str:
    async with database.session() as session, session.begin():
        opened = await sessions.begin(session, person.id, now=database.clock(), hours=12)
    return opened.token


async def test_an_unknown_token_is_nobodys(reads: ReadPool, database: Database) -> None:
    for token in ("", "ihn_unknown", "\x00", "\ud800"):
        assert await actors.of_session(reads, token, database.clock()) is None


async def test_a_session_counts_until_it_expires_ends_or_the_person_is_barred(
    reads: ReadPool, database: Database, supplier: Organisation, clock: Clock
) -> None:
    somebody = await factories.somebody(database, supplier, Role.SUPPLIER_VIEWER)
    token = await a_session(database, somebody.person)
    assert await actors.of_session(reads, token, clock()) is not None
    assert await actors.of_session(reads, token, clock() + timedelta(hours=12)) is None

    async with database.session() as session, session.begin():
        await session.execute(update(Person).values(active=False))
    assert await actors.of_session(reads, token, clock()) is None
    async with database.session() as session, session.begin():
        await session.execute(update(Person).values(active=True))
        await sessions.end(session, token, now=clock())
    assert await actors.of_session(reads, token, clock()) is None


async def test_ending_all_sessions_of_a_person_leaves_the_others(
    reads: ReadPool, database: Database, supplier: Organisation, clock: Clock
) -> None:
    one = await factories.somebody(database, supplier, Role.SUPPLIER_VIEWER)
    two = await factories.somebody(database, supplier, Role.SUPPLIER_VIEWER)
    tokens = [await a_session(database, person) for person in (one.person, one.person, two.person)]
    async with database.session() as session, session.begin():
        await sessions.end_all(session, one.person.id, now=clock())
    alive = [await actors.of_session(reads, token, clock()) is not None for token in tokens]
    assert alive == [False, False, True]


async def test_a_person_has_one_seat_in_each_organisation_with_all_their_roles(
    reads: ReadPool, database: Database, supplier: Organisation, clock: Clock
) -> None:
    somebody = await factories.somebody(database, supplier, Role.SUPPLIER_VIEWER)
    kent = await factories.the_force(database)
    async with database.session() as session, session.begin():
        for role in (Role.FORCE_ANALYST, Role.FORCE_INNOVATION_LEAD):
            session.add(
                Membership(
                    person_id=somebody.person.id,
                    organisation_id=kent.id,
                    role=role,
                    created_at=clock(),
                )
            )
    token = await a_session(database, somebody.person)
    caller = await actors.of_session(reads, token, clock())
    assert caller is not None
    actor = caller.actor
    assert (actor.kind, actor.person_id) == (ActorKind.PERSON, somebody.person.id)
    assert caller.session_id is not None
    assert {(seat.organisation_id, seat.kind): seat.permissions for seat in actor.seats} == {
        (supplier.id, OrganisationKind.SUPPLIER): OF_ROLE[Role.SUPPLIER_VIEWER],
        (kent.id, OrganisationKind.FORCE): OF_ROLE[Role.FORCE_ANALYST]
        | OF_ROLE[Role.FORCE_INNOVATION_LEAD],
    }


async def test_a_person_without_a_role_is_signed_in_and_may_do_nothing(
    reads: ReadPool, database: Database, clock: Clock
) -> None:
    async with database.session() as session, session.begin():
        person = Person(name="New", email="new@people.example", active=True, created_at=clock())
        session.add(person)
    caller = await actors.of_session(reads, await a_session(database, person), clock())
    assert caller is not None
    assert caller.actor.signed_in
    assert caller.actor.seats == ()


async def test_an_access_token_carries_its_scopes_in_its_own_organisation_only(
    hub: httpx2.AsyncClient, reads: ReadPool, database: Database, machine: Machine, clock: Clock
) -> None:
    token = await understood(hub, await a_token(hub, machine, scope="listings.read"), clock())
    caller = await actors.of_access_token(reads, token, clock())
    assert caller is not None
    actor = caller.actor
    assert (actor.kind, actor.client_id, actor.person_id) == (ActorKind.CLIENT, machine.id, None)
    (seat,) = actor.seats
    assert seat.permissions == OF_SCOPE[Scope.LISTINGS_READ]
    assert not actor.may(Permission.LISTING_EDIT)
    neighbour = await factories.a_supplier(database)
    assert not actor.may(Permission.LISTING_READ, neighbour.id)


async def test_an_access_token_ends_with_its_time_and_with_its_client(
    hub: httpx2.AsyncClient, reads: ReadPool, database: Database, machine: Machine, clock: Clock
) -> None:
    token = await understood(hub, await a_token(hub, machine), clock())
    caller = await actors.of_access_token(reads, token, clock())
    assert caller is not None
    assert caller.expires_at == clock() + timedelta(minutes=10)
    async with database.unit_of_work(SYSTEM.signature()) as work:
        await clients.revoke_client(work, SYSTEM, RevokeClient(client_id=machine.id))
    assert await actors.of_access_token(reads, token, clock()) is None


async def test_a_token_that_goes_beyond_its_narrowed_client_ends_at_once_and_no_other(
    hub: httpx2.AsyncClient, reads: ReadPool, database: Database, machine: Machine, clock: Clock
) -> None:
    wide = await understood(hub, await a_token(hub, machine), clock())
    narrow = await understood(hub, await a_token(hub, machine, scope="listings.read"), clock())
    async with database.session() as session, session.begin():
        row = (await session.scalars(select(OAuthClient))).one()
        row.scopes = [Scope.LISTINGS_READ.value]
    assert await actors.of_access_token(reads, wide, clock()) is None
    caller = await actors.of_access_token(reads, narrow, clock())
    assert caller is not None
    assert caller.scopes == {Scope.LISTINGS_READ}


@pytest.mark.parametrize("scope", Scope)
async def test_every_scope_makes_its_permissions(
    hub: httpx2.AsyncClient,
    reads: ReadPool,
    database: Database,
    supplier: Organisation,
    clock: Clock,
    scope: Scope,
) -> None:
    holder = await factories.the_force(database) if scope is Scope.RESULTS_WRITE else supplier
    machine = await a_machine(database, holder, scope)
    token = await understood(hub, await a_token(hub, machine), clock())
    caller = await actors.of_access_token(reads, token, clock())
    assert caller is not None
    assert caller.actor.seats[0].permissions == OF_SCOPE[scope]


async def test_an_actor_costs_one_statement(
    hub: httpx2.AsyncClient,
    reads: ReadPool,
    database: Database,
    supplier: Organisation,
    machine: Machine,
    clock: Clock,
) -> None:
    somebody = await factories.somebody(database, supplier, Role.SUPPLIER_ADMIN)
    session_token = await a_session(database, somebody.person)
    access_token = await understood(hub, await a_token(hub, machine), clock())
    statements: list[Any] = []
    async with reads.connection() as connection:
        connection.add_query_logger(statements.append)
    assert await actors.of_session(reads, session_token, clock()) is not None
    assert await actors.of_access_token(reads, access_token, clock()) is not None
    await asyncio.sleep(0)  # asyncpg hands over its log at the loop's next turn
    assert len(statements) == 2
