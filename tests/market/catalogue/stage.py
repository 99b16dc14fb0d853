"""The people of a listing's story, what they do in it, and whether anything changed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

import pytest
from sqlalchemy import inspect, select, text, update

from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.errors import Denied, InnoHubError, NotFound, NotSignedIn, WrongState
from innohub.identity.actor import STRANGER, SYSTEM, Actor
from innohub.identity.models import Membership, Organisation, OrganisationKind, Person, Role
from innohub.identity.permissions import Scope
from innohub.identity.viewer import Viewer
from innohub.market.assurance import service as assurance
from innohub.market.catalogue import commands, service
from innohub.market.catalogue.models import ListingVersion, Section, Technology
from innohub.outbox.models import AuditEntry, Event
from tests.factories import a_supplier, actor_of, an_organisation, client_of, the_force
from tests.fingerprints import Fingerprints

Operation = Callable[[UnitOfWork, Actor, Any], Awaitable[Any]]
Attempt = tuple[str, Operation, Any]
"""Who does what by which command."""
T = TypeVar("T")

CHANGED = (
    "technology", "listing_section", "listing_draft", "draft_section", "technology_capability",
    "listing_version", "assurance_item", "assurance_response", "assurance_addition", "notice",
    "force_context", "pilot", "rating", "board_round", "round_criterion", "round_member",
    "round_item", "interest", "score", "gate_check", "moderation_record", "moderation_approval",
    "rank_variation", "debarment", "board_review", "quote", "quote_tier", "pool", "pool_invitation",
    "pool_quote", "pool_commitment", "pool_award", "pool_share", "call_off", "event",
    "event_stream", "audit_entry",
)  # fmt: skip
REASON = "A reason that somebody else will read."
OUTSIDERS = frozenset(
    {
        "rival_admin", "lead", "analyst", "chief", "reviewer", "other_lead", "other_reviewer",
        "assurance_officer",
        "programme_officer", "platform_admin", "board_member", "auditor", "stranger", "system",
    }
)  # fmt: skip
"""Everybody who belongs neither to the supplier nor to the catalogue's reviewers."""
UNCONCERNED = OUTSIDERS - {"assurance_officer"}
"""Those of them who do not see a listing under review, either."""


@dataclass
class Stage:
    """Two suppliers, two forces, the company, a board, auditors; actors by the part they play."""

    database: Database
    supplier: Organisation
    rival: Organisation
    force: Organisation
    other_force: Organisation
    board: Organisation
    actors: dict[str, Actor] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    fingerprints: Fingerprints[str] = field(default_factory=Fingerprints)

    async def cast(self, parts: Mapping[str, tuple[Organisation, Role]]) -> None:
        """Give each part a new person who holds the role in the organisation."""
        now = self.database.clock()
        async with self.database.session() as session, session.begin():
            for part in parts:
                email = f"{part}@people.example"
                self.people[part] = Person(name=part, email=email, active=True, created_at=now)
            session.add_all(self.people[part] for part in parts)
            await session.flush()
            for part, (organisation, role) in parts.items():
                person = self.people[part]
                seat = Membership(organisation_id=organisation.id, role=role, created_at=now)
                seat.person_id = person.id
                session.add(seat)
                self.actors[part] = actor_of(person, (organisation, role))

    async def do(self, part: str, operation: Operation, command: Any) -> Any:
        """One operation in a unit of work of its own."""
        actor = self.actors[part]
        async with self.database.unit_of_work(actor.signature("test")) as work:
            return await operation(work, actor, command)

    async def rehearse(self, part: str, operation: Operation, command: Any) -> None:
        """Do it and take it back, so that the next one finds the same stage."""
        actor = self.actors[part]
        try:
            async with self.database.unit_of_work(actor.signature()) as work:
                await operation(work, actor, command)
                raise RolledBack
        except RolledBack:
            pass

    async def overlap(self, first: Attempt, second: Attempt) -> tuple[Any, Any]:
        """The second is tried while the first is done but not stored yet: what came of each."""
        part, operation, command = first
        actor = self.actors[part]
        async with self.database.unit_of_work(actor.signature()) as work:
            done = await operation(work, actor, command)
            trying = asyncio.create_task(self.do(*second))
            await self._wait_until_blocked(trying)
        (tried,) = await asyncio.gather(trying, return_exceptions=True)
        return done, tried

    async def _wait_until_blocked(self, trying: "asyncio.Task[Any]") -> None:
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        async with self.database.session() as session:
            for _ in range(200):
                if trying.done() or await session.scalar(waiting):
                    return
                await session.rollback()
                await asyncio.sleep(0.01)

    async def fingerprint(self) -> str:
        """Equal before and after, where nothing was changed."""
        parts = [
            f"(SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {table} t)"
            for table in CHANGED
        ]
        async with self.database.session() as session:

            async def ask(question: str) -> Any:
                return await session.scalar(text(question))

            return await self.fingerprints.of(ask, lambda: ask(f"SELECT {' || '.join(parts)}"))

    async def try_everybody(
        self,
        operation: Operation,
        command: Any,
        *,
        allowed: Iterable[str],
        hidden_from: Iterable[str] = (),
    ) -> None:
        """Everybody tries: the allowed succeed, the others are refused and change nothing."""
        before = await self.fingerprint()
        for part in self.actors:
            if part in allowed:
                await self.rehearse(part, operation, command)
            else:
                with pytest.raises(InnoHubError) as caught:
                    await self.do(part, operation, command)
                assert type(caught.value) is refusal(part, hidden_from), part
            assert await self.fingerprint() == before, part

    async def try_every_state(
        self,
        part: str,
        operation: Operation,
        command: Any,
        row: Any,
        *,
        works_in: Iterable[StrEnum],
        unseen_in: Iterable[StrEnum] = (),
    ) -> None:
        """In each state of `row` the operation works, or says why not and changes nothing."""
        for state in type(next(iter(works_in))):
            await self.put(row, state=state)
            before = await self.fingerprint()
            if state in works_in:
                await self.rehearse(part, operation, command)
            else:
                with pytest.raises(NotFound if state in unseen_in else WrongState):
                    await self.do(part, operation, command)
            assert await self.fingerprint() == before, state

    async def sees(self, part: str, model: Any, rule: Any) -> set[int]:
        """The ids of the rows that `rule` shows to somebody."""
        key = model.id if hasattr(model, "id") else model.technology_id
        async with self.database.session() as session:
            query = select(key).where(rule(model, Viewer(self.actors[part])))
            return set(await session.scalars(query))

    async def put(self, row: Any, **columns: Any) -> None:
        """Set columns as no service would, to test what comes of it."""
        model = type(row)
        async with self.database.session() as session, session.begin():
            await session.execute(update(model).where(model.id == row.id).values(**columns))

    async def load(self, row: T) -> T:
        """The row as it is stored now."""
        async with self.database.session() as session:
            return await session.get_one(type(row), row.id)  # type: ignore[attr-defined]

    async def load_organisation(self, id: int) -> Organisation:
        async with self.database.session() as session:
            return await session.get_one(Organisation, id)

    async def all(self, model: type[T]) -> list[T]:
        """Every row of a table, in the order in which they were made."""
        async with self.database.session() as session:
            key = inspect(model).primary_key
            return list(await session.scalars(select(model).order_by(*key)))

    async def events(self, type: str) -> list[Event]:
        async with self.database.session() as session:
            query = select(Event).where(Event.type == type).order_by(Event.id)
            return list(await session.scalars(query))

    async def actions(self) -> list[str]:
        """What the audit trail says was done, in order."""
        async with self.database.session() as session:
            return list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)))

    async def drafted(self, **given: Any) -> Technology:
        """A complete draft of the supplier."""
        actor = self.actors["supplier_editor"]
        async with self.database.unit_of_work(actor.signature("test")) as work:
            command = commands.DraftTechnology.parse(draft_fields(**given))
            technology = await service.draft(work, actor, command)
            for section in Section:
                await service.write_section(work, actor, section_of(technology, section))
        return technology

    async def write(self, technology: Technology, section: Section, body: str = "") -> Technology:
        command = section_of(technology, section, body)
        written: Technology = await self.do("supplier_editor", service.write_section, command)
        return written

    async def step(
        self, part: str, operation: Operation, command: Any, technology: Technology, **fields: Any
    ) -> Technology:
        given = {"technology_id": technology.id, **fields}
        changed: Technology = await self.do(part, operation, command.parse(given))
        return changed

    async def submitted(self, **given: Any) -> Technology:
        technology = await self.drafted(**given)
        return await self.submit(technology)

    async def submit(self, technology: Technology) -> Technology:
        return await self.step(
            "supplier_admin", assurance.submit, commands.SubmitTechnology, technology
        )

    async def published(self, **given: Any) -> Technology:
        technology = await self.submitted(**given)
        return await self.step(
            "catalogue_reviewer", service.approve, commands.ApproveTechnology, technology
        )

    async def versions(self, technology: Technology) -> list[ListingVersion]:
        rows = await self.all(ListingVersion)
        return [row for row in rows if row.technology_id == technology.id]


class RolledBack(Exception):
    """Ends a rehearsal: what it did is not stored."""


def refusal(part: str, hidden_from: Iterable[str]) -> type[InnoHubError]:
    if part in hidden_from:
        return NotFound
    return NotSignedIn if part == "stranger" else Denied


def section_of(technology: Technology, section: Section, body: str = "") -> commands.WriteSection:
    text = body or f"About {section.value.replace('_', ' ')}."
    fields = {"technology_id": technology.id, "section": section, "body": text}
    return commands.WriteSection.parse(fields)


def draft_fields(**given: Any) -> dict[str, Any]:
    return {
        "name": "Redact Swiftly",
        "summary": "Blacks out personal data in case files before they leave the force.",
        "category": "software_saas",
        "trl": 8,
        "price_from_pence": 1_000,
        "price_to_pence": 2_500,
        "price_unit": "officer",
        "price_interval": "month",
        "capabilities": ["criminal_justice", "data_management"],
    } | given


async def a_stage(database: Database) -> Stage:
    stage = Stage(
        database,
        supplier=await a_supplier(database, "Ledger Light"),
        rival=await a_supplier(database),
        force=await the_force(database, "kent"),
        other_force=await the_force(database, "essex"),
        board=await an_organisation(database, OrganisationKind.BOARD),
    )
    company = await an_organisation(database, OrganisationKind.COMPANY)
    independent = await an_organisation(database, OrganisationKind.INDEPENDENT)
    parts = {
        "supplier_admin": (stage.supplier, Role.SUPPLIER_ADMIN),
        "supplier_editor": (stage.supplier, Role.SUPPLIER_EDITOR),
        "supplier_viewer": (stage.supplier, Role.SUPPLIER_VIEWER),
        "rival_admin": (stage.rival, Role.SUPPLIER_ADMIN),
        "lead": (stage.force, Role.FORCE_INNOVATION_LEAD),
        "analyst": (stage.force, Role.FORCE_ANALYST),
        "chief": (stage.force, Role.FORCE_CHIEF_OFFICER),
        "reviewer": (stage.force, Role.FORCE_ASSURANCE_REVIEWER),
        "other_reviewer": (stage.other_force, Role.FORCE_ASSURANCE_REVIEWER),
        "other_lead": (stage.other_force, Role.FORCE_INNOVATION_LEAD),
        "catalogue_reviewer": (company, Role.CATALOGUE_REVIEWER),
        "assurance_officer": (company, Role.ASSURANCE_OFFICER),
        "programme_officer": (company, Role.PROGRAMME_OFFICER),
        "platform_admin": (company, Role.PLATFORM_ADMIN),
        "board_member": (stage.board, Role.BOARD_MEMBER),
        "auditor": (independent, Role.AUDITOR_READONLY),
    }
    await stage.cast(parts)
    stage.actors["writing_client"] = client_of(
        stage.supplier, Scope.LISTINGS_WRITE, Scope.ASSURANCE_WRITE
    )
    stage.actors["reading_client"] = client_of(stage.supplier, Scope.LISTINGS_READ)
    stage.actors["stranger"] = STRANGER
    stage.actors["system"] = SYSTEM
    return stage
