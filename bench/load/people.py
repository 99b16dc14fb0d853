"""Who acts in the bench: people of 43 forces, signed in, and suppliers' programs and systems."""

from dataclasses import asdict, dataclass
from typing import Any

import asyncpg
from starlette.responses import Response

from innohub.db.engine import create_engine, read_url
from innohub.db.identifiers import encode
from innohub.db.unit_of_work import Database, utc_now
from innohub.hub import service as hub_service
from innohub.hub.commands import CreateConnection
from innohub.hub.database import database_of
from innohub.hub.wiring import Hub
from innohub.identity import sessions
from innohub.identity.actor import Actor, ActorKind, Seat
from innohub.identity.commands import RegisterClient
from innohub.identity.models import Membership, OrganisationKind, Person, Role
from innohub.identity.oauth.clients import register_client
from innohub.identity.permissions import OF_ROLE, Scope
from innohub.identity.proved import TOLD
from innohub.settings import Settings
from innohub.web.security import cookies

FORCES = 43
PROGRAMS = 20
"""Suppliers whose programs call the API."""
ROLES = (Role.FORCE_SENIOR_RESPONSIBLE_OWNER, Role.FORCE_ANALYST, Role.FORCE_VIEWER)
FORCE = """
SELECT id FROM organisation WHERE kind = 'force' AND valid_to IS NULL ORDER BY id LIMIT $1
"""
RUNNING = """
SELECT DISTINCT ON (p.force_id) p.force_id, p.id, p.supplier_id
FROM pilot p JOIN protocol ON protocol.pilot_id = p.id JOIN technology t ON t.id = p.technology_id
WHERE p.state = 'running' AND t.state = 'published' ORDER BY p.force_id, p.id
"""
ANSWERABLE = """
UPDATE protocol SET kpi_type = 'proportion', design = 'individual_rct', unit = 'case'
WHERE pilot_id = ANY($1)
"""
FORGET = """
SET session_replication_role = replica;
TRUNCATE connection, lane, delivery, attempt CASCADE;
RESET session_replication_role
"""
"""What an earlier run connected led to a receiver that is gone."""
SLUGS = "SELECT slug FROM technology WHERE state = 'published' ORDER BY hashint8(id) LIMIT 500"
CATEGORIES = "SELECT DISTINCT category FROM technology WHERE state = 'published' ORDER BY 1"


@dataclass(frozen=True)
class Program:
    client_id: str
    client_secret: str
    supplier: str


@dataclass(frozen=True)
class Cast:
    """All that the clients need to know, as JSON."""

    cookies: list[str]
    """Of three people of each force; by the force: its officer, its analyst, its reader."""
    pilots: list[str]
    """A running pilot of each force."""
    programs: list[Program]
    slugs: list[str]
    categories: list[str]

    def told(self) -> dict[str, Any]:
        return asdict(self)


async def cast(settings: Settings, receiver: str) -> Cast:
    """Sign everybody in, on a market that read/sql/data.sql filled."""
    assert settings.database_url is not None
    engine = create_engine(settings.database_url, settings)
    sql = await asyncpg.connect(read_url(settings.database_url))
    try:
        database = database_of(engine)
        forces = [row["id"] for row in await sql.fetch(FORCE, FORCES)]
        running = {row["force_id"]: row for row in await sql.fetch(RUNNING)}
        forces = [force for force in forces if force in running]
        pilots = [running[force]["id"] for force in forces]
        await sql.execute(ANSWERABLE, pilots)
        await sql.execute(FORGET)
        suppliers = sorted({running[force]["supplier_id"] for force in forces})
        for supplier in suppliers:
            await _connected(database, settings, await _admin(database, supplier), receiver)
        programs = [await _program(database, supplier) for supplier in suppliers[:PROGRAMS]]
        return Cast(
            cookies=[
                await _cookie(database, settings, force, role) for force in forces for role in ROLES
            ],
            pilots=[encode("Pilot", pilot) for pilot in pilots],
            programs=programs,
            slugs=[row[0] for row in await sql.fetch(SLUGS)],
            categories=[row[0] for row in await sql.fetch(CATEGORIES)],
        )
    finally:
        await sql.close()
        await engine.dispose()


async def _person(database: Database, organisation_id: int, role: Role) -> int:
    now = database.clock()
    async with database.session() as session, session.begin():
        email = f"{role}-{organisation_id}-{now.timestamp()}@bench.example"
        person = Person(name="Bench", email=email, password_hash=None, active=True, created_at=now)
        session.add(person)
        await session.flush()
        session.add(
            Membership(
                person_id=person.id, organisation_id=organisation_id, role=role, created_at=now
            )
        )
        return int(person.id)


async def _cookie(database: Database, settings: Settings, force_id: int, role: Role) -> str:
    person_id = await _person(database, force_id, role)
    async with database.session() as session, session.begin():
        opened = await sessions.begin(session, person_id, now=utc_now(), hours=48)
    response = Response()
    cookies.write(response, cookies.SESSION, opened.token, settings)
    return response.headers["set-cookie"].partition(";")[0]


async def _admin(database: Database, supplier_id: int) -> Actor:
    person_id = await _person(database, supplier_id, Role.SUPPLIER_ADMIN)
    seat = Seat(supplier_id, OrganisationKind.SUPPLIER, OF_ROLE[Role.SUPPLIER_ADMIN])
    return Actor(ActorKind.PERSON, "Bench", person_id=person_id, seats=(seat,), proved=TOLD)


async def _connected(database: Database, settings: Settings, admin: Actor, receiver: str) -> None:
    config = {
        "endpoint": f"{receiver}/events",
        "token_url": f"{receiver}/token",
        "client_id": "bench",
    }
    given = {
        "connector": "webhook",
        "name": "Bench",
        "event_types": ["pilot.*"],
        "config": config,
        "secrets": {"client_secret": "bench"},
    }
    async with database.unit_of_work(admin.signature()) as work:
        command = CreateConnection.parse(given)
        await hub_service.create_connection(work, admin, command, hub=Hub.of(settings))


async def _program(database: Database, supplier_id: int) -> Program:
    admin = await _admin(database, supplier_id)
    scopes = [Scope.LISTINGS_READ, Scope.LISTINGS_WRITE, Scope.PILOTS_READ_OWN]
    async with database.unit_of_work(admin.signature()) as work:
        command = RegisterClient.parse({"name": "Bench", "scopes": scopes})
        made = await register_client(work, admin, command)
    return Program(made.client.client_id, made.secret or "", f"supplier-{supplier_id}")
