"""The people of a pilot's story, and the steps that take a pilot from stage to stage."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import select, text, update

from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.identity.actor import STRANGER, Actor
from innohub.identity.models import Organisation, OrganisationKind, Role
from innohub.identity.permissions import Scope
from innohub.market.catalogue.models import (
    ListingState,
    ListingVersion,
    Technology,
    VersionState,
)
from innohub.market.evidence import commands as evidence_commands
from innohub.market.evidence import service as evidence
from innohub.market.evidence.models import Result, TrialDataset
from innohub.market.pilots import commands, service
from innohub.market.pilots.models import Pilot, Protocol
from tests.factories import a_cast_of, a_supplier, an_organisation, client_of, the_force
from tests.fingerprints import Fingerprints

Operation = Callable[[UnitOfWork, Actor, Any], Awaitable[Any]]
T = TypeVar("T")

CHANGED = (
    "pilot", "pilot_overlap", "earlier_overlap", "pilot_site", "pilot_force", "pilot_gate",
    "pilot_step", "pilot_turn", "protocol", "trial_dataset", "result",
    "technology", "event", "event_stream", "audit_entry",
)  # fmt: skip
CELLS = [
    {"arm": "treatment", "period": "after", "events": 80, "n": 400},
    {"arm": "comparison", "period": "after", "events": 40, "n": 400},
]


TEXTS = {
    "organisational_framework": "The case-file unit runs it; two analysts count.",
    "eligibility_criteria": "Files of anticipated pleas of not guilty.",
    "pipeline_recruitment": "Sixty files a week, all of them entered.",
    "random_assignment": "By the last digit of the file's number.",
    "treatment_and_comparison": "Files with the tool, against files built by hand.",
    "measuring_and_managing_treatment": "The tool's log is read each Monday.",
}
"""All that a randomised trial writes under the headings of its protocol before the lock."""


@dataclass
class Cast:
    """One technology, its supplier, a force and everybody else. Actors by the part they play."""

    database: Database
    technology: Technology
    supplier: Organisation
    force: Organisation
    actors: dict[str, Actor] = field(default_factory=dict)
    fingerprints: Fingerprints[str] = field(default_factory=Fingerprints)

    def __getitem__(self, part: str) -> Actor:
        return self.actors[part]

    async def do(self, part: str, operation: Operation, command: Any) -> Any:
        """One operation in a unit of work of its own."""
        actor = self.actors[part]
        async with self.database.unit_of_work(actor.signature("test")) as work:
            return await operation(work, actor, command)

    async def load(self, model: type[T], id: int) -> T:
        async with self.database.session() as session:
            return await session.get_one(model, id)

    async def put(self, pilot: Pilot, **columns: Any) -> None:
        """Set columns as no service would, to test what comes of it."""
        async with self.database.session() as session, session.begin():
            await session.execute(update(Pilot).where(Pilot.id == pilot.id).values(**columns))

    async def list_as(self, state: ListingState, technology: Technology | None = None) -> None:
        """Move the listing, as the catalogue would."""
        wanted = technology or self.technology
        async with self.database.session() as session, session.begin():
            await session.execute(
                update(Technology).where(Technology.id == wanted.id).values(state=state)
            )

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

    async def requested(self, **given: Any) -> Pilot:
        fields = request_fields(self, **given)
        command = commands.RequestPilot.parse(fields)
        pilot: Pilot = await self.do("lead", service.request, command)
        return pilot

    async def accepted(self, **given: Any) -> Pilot:
        pilot = await self.requested(**given)
        await self.step("supplier_admin", service.accept, commands.AcceptPilot, pilot)
        return pilot

    async def approved(self, **given: Any) -> Pilot:
        pilot = await self.accepted(**given)
        await self.step("sro", service.approve, commands.ApprovePilot, pilot)
        return pilot

    async def with_protocol(self, **given: Any) -> tuple[Pilot, Protocol]:
        """Approved, assured and planned: ready for the lock."""
        asked = {name: given.pop(name) for name in ("kpi", "overlap_choice") if name in given}
        pilot = await self.approved(**asked)
        await self.step("assurance_reviewer", service.sign_assurance, commands.SignAssurance, pilot)
        command = commands.ProposeProtocol.parse(protocol_fields(pilot, **given))
        protocol: Protocol = await self.do("analyst", service.propose_protocol, command)
        return pilot, protocol

    async def locked(self, **given: Any) -> Pilot:
        pilot, _ = await self.with_protocol(**given)
        command = commands.LockProtocol.parse({"pilot_id": pilot.id})
        await self.do("second_analyst", service.lock_protocol, command)
        return pilot

    async def running(self, **given: Any) -> Pilot:
        pilot = await self.locked(**given)
        await self.step("lead", service.start, commands.StartPilot, pilot)
        return pilot

    async def recorded(self, cells: Any = None, **given: Any) -> Pilot:
        pilot = await self.running(**given)
        await self.record(pilot, cells or CELLS)
        return pilot

    async def record(self, pilot: Pilot, cells: Any, **given: Any) -> TrialDataset:
        fields = {"pilot_id": pilot.id, "cells": cells, **given}
        command = evidence_commands.RecordTrialData.parse(fields)
        dataset: TrialDataset = await self.do("analyst", evidence.record_data, command)
        return dataset

    async def computed(self, cells: Any = None, **given: Any) -> tuple[Pilot, Result]:
        pilot = await self.recorded(cells, **given)
        await self.step("sro", service.finish, commands.FinishPilot, pilot)
        return pilot, await self.compute(pilot)

    async def compute(self, pilot: Pilot) -> Result:
        command = evidence_commands.ReportResult.parse({"pilot_id": pilot.id})
        result: Result = await self.do("analyst", evidence.report, command)
        return result

    async def reported(self, cells: Any = None, **given: Any) -> tuple[Pilot, Result]:
        pilot, result = await self.computed(cells, **given)
        command = evidence_commands.ConfirmResult.parse({"result_id": result.id})
        await self.do("second_analyst", evidence.confirm, command)
        return pilot, result

    async def decided(self, cells: Any = None, **given: Any) -> tuple[Pilot, Result]:
        pilot, result = await self.reported(cells, **given)
        await self.decide(pilot)
        return pilot, result

    async def decide(self, pilot: Pilot) -> None:
        fields = {
            "decision": "adopt",
            "reason": "Twice as many files pass, at a fair price.",
            "economics": "One licence for each of forty officers.",
        }
        await self.step("sro", evidence.decide, evidence_commands.DecidePilot, pilot, **fields)

    async def step(
        self, part: str, operation: Operation, command: Any, pilot: Pilot, **fields: Any
    ) -> Any:
        return await self.do(part, operation, command.parse({"pilot_id": pilot.id, **fields}))


def request_fields(cast: Cast, **given: Any) -> dict[str, Any]:
    today = cast.database.clock().date()
    return {
        "technology_id": cast.technology.id,
        "site": "Medway",
        "title": "Redaction of case files in Medway",
        "question": "Do more files pass the first quality assessment?",
        "kpi": "case_file_quality_pass",
        "start_on": today,
        "end_on": today + timedelta(days=90),
        "cost_pence": 4_000_000,
        "vat_pence": 800_000,
    } | given


def protocol_fields(pilot: Pilot, **given: Any) -> dict[str, Any]:
    return {
        "pilot_id": pilot.id,
        "baseline_value": 0.2,
        "baseline_source": "Case management system, April to September",
        "minimum_important_effect": 0.05,
        "design": "individual_rct",
        "unit_of_analysis": "case_file",
        "delivery_framework": "in_house",
        "sections": TEXTS,
        "sample_size": 400,
        "analysis_plan": "Risk difference between the two groups of files.",
        "stop_rules": "Stop if a file leaves the force unredacted.",
        "result_due_on": pilot.end_on + timedelta(days=60),
    } | given


async def a_cast(database: Database) -> Cast:
    """Everybody, with a published technology."""
    supplier, rival = await a_supplier(database), await a_supplier(database)
    force, other = await the_force(database, "kent"), await the_force(database, "essex")
    company = await an_organisation(database, OrganisationKind.COMPANY)
    board = await an_organisation(database, OrganisationKind.BOARD)
    independent = await an_organisation(database, OrganisationKind.INDEPENDENT)
    technology = await a_technology(database, supplier)
    cast = Cast(database, technology, supplier, force)
    parts = {
        "lead": (force, Role.FORCE_INNOVATION_LEAD),
        "sro": (force, Role.FORCE_SENIOR_RESPONSIBLE_OWNER),
        "chief": (force, Role.FORCE_CHIEF_OFFICER),
        "analyst": (force, Role.FORCE_ANALYST),
        "second_analyst": (force, Role.FORCE_ANALYST),
        "assurance_reviewer": (force, Role.FORCE_ASSURANCE_REVIEWER),
        "force_viewer": (force, Role.FORCE_VIEWER),
        "other_lead": (other, Role.FORCE_INNOVATION_LEAD),
        "other_sro": (other, Role.FORCE_SENIOR_RESPONSIBLE_OWNER),
        "other_analyst": (other, Role.FORCE_ANALYST),
        "other_reviewer": (other, Role.FORCE_ASSURANCE_REVIEWER),
        "supplier_admin": (supplier, Role.SUPPLIER_ADMIN),
        "supplier_viewer": (supplier, Role.SUPPLIER_VIEWER),
        "rival_admin": (rival, Role.SUPPLIER_ADMIN),
        "assurance_officer": (company, Role.ASSURANCE_OFFICER),
        "catalogue_reviewer": (company, Role.CATALOGUE_REVIEWER),
        "board_member": (board, Role.BOARD_MEMBER),
        "adviser": (independent, Role.EVALUATION_ADVISER),
    }
    cast.actors |= {part: each.actor for part, each in (await a_cast_of(database, parts)).items()}
    cast.actors["supplier_client"] = client_of(
        supplier, Scope.PILOTS_RESPOND, Scope.RESULTS_READ_OWN_PUBLISHED
    )
    cast.actors["reading_client"] = client_of(
        supplier, Scope.PILOTS_READ_OWN, Scope.RESULTS_READ_OWN_PUBLISHED
    )
    cast.actors["force_client"] = client_of(force, Scope.RESULTS_WRITE)
    cast.actors["stranger"] = STRANGER
    return cast


async def a_technology(
    database: Database, supplier: Organisation, state: ListingState = ListingState.PUBLISHED
) -> Technology:
    """A listing with one approved version."""
    async with database.session() as session, session.begin():
        count = len((await session.scalars(select(Technology.id))).all())
        technology = Technology(
            supplier_id=supplier.id,
            slug=f"technology-{count + 1}",
            name=f"Technology {count + 1}",
            summary="Finds what must be blacked out.",
            category=await session.scalar(
                text("SELECT id FROM reference_value WHERE list = 'category' ORDER BY id LIMIT 1")
            ),
            trl=7,
            state=state,
            created_at=database.clock(),
        )
        session.add(technology)
        await session.flush()
        version = ListingVersion(
            technology_id=technology.id,
            number=1,
            state=VersionState.APPROVED,
            content={},
            content_hash="0" * 64,
            review_due_on=database.clock(),
            created_at=database.clock(),
        )
        session.add(version)
        await session.flush()
        technology.current_version_id = version.id
    return technology


class RolledBack(Exception):
    """Ends a rehearsal: what it did is not stored."""


async def rehearse(cast: Cast, actor: Actor, operation: Operation, command: Any) -> None:
    """Do it and take it back, so that the next one finds the same stage."""
    try:
        async with cast.database.unit_of_work(actor.signature()) as work:
            await operation(work, actor, command)
            raise RolledBack
    except RolledBack:
        pass
