"""Each step of the listing's and the pilot's machine is for exactly the roles that the vocabulary
names, in the organisation whose listing or pilot it is, and in exactly the states of its table."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from innohub.db.unit_of_work import Database
from innohub.errors import Denied, NotFound, WrongState
from innohub.identity.actor import SYSTEM, Actor
from innohub.identity.directory import KIND_OF
from innohub.identity.models import Membership, Organisation, OrganisationKind, Person, Role
from innohub.market.catalogue import commands as listing_commands
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.models import LISTING
from innohub.market.evidence import service as evidence
from innohub.market.evidence.commands import ReportResult
from innohub.market.machine import Machine
from innohub.market.pilots import commands, service
from innohub.market.pilots.models import PILOT, PilotState
from tests.factories import a_supplier, actor_of, an_organisation, the_force
from tests.market.catalogue.stage import Stage, a_stage
from tests.market.catalogue.test_authority import VERBS
from tests.market.catalogue.test_authority import of as of_listing
from tests.market.evidence.test_service_authority import RULES as EVIDENCE_RULES
from tests.market.pilots.cast import Cast, RolledBack, a_cast, request_fields
from tests.market.pilots.test_authority import RULES as PILOT_RULES

R, K = Role, OrganisationKind
WRITERS = {R.SUPPLIER_ADMIN, R.SUPPLIER_EDITOR}
OF_LISTING: dict[str, set[Role]] = {
    "submit": {R.SUPPLIER_ADMIN},
    "amend": WRITERS,
    "propose": WRITERS,
    "approve": {R.CATALOGUE_REVIEWER},
    "adopt": {R.CATALOGUE_REVIEWER},
    "request_changes": {R.CATALOGUE_REVIEWER},
    "send_back": {R.CATALOGUE_REVIEWER},
    "suspend": {R.ASSURANCE_OFFICER},
    "reinstate": {R.ASSURANCE_OFFICER},
    "withdraw": {R.SUPPLIER_ADMIN},
    "archive": set(),
}
OWNER = R.FORCE_SENIOR_RESPONSIBLE_OWNER
OF_PILOT: dict[str, set[Role]] = {
    "review_overlap": {R.FORCE_INNOVATION_LEAD},
    "scope": {R.FORCE_INNOVATION_LEAD},
    "decline": {R.SUPPLIER_ADMIN, OWNER, R.FORCE_CHIEF_OFFICER},
    "approve": {OWNER, R.FORCE_CHIEF_OFFICER},
    "lock_protocol": {R.FORCE_ANALYST, R.EVALUATION_ADVISER},
    "start": {R.FORCE_INNOVATION_LEAD, OWNER},
    "pause": {OWNER, R.ASSURANCE_OFFICER},
    "resume": {OWNER},
    "finish": {R.FORCE_INNOVATION_LEAD, OWNER},
    "report": {R.FORCE_ANALYST, R.EVALUATION_ADVISER},
    "decide": {OWNER, R.FORCE_CHIEF_OFFICER},
    "stop": {OWNER},
    "analyse_stopped": {R.FORCE_ANALYST},
    "lapse": set(),
}
"""Who takes which step; nobody, where it is the hub's own. `publish` has no command at all."""
TENANT = {K.SUPPLIER, K.FORCE}
"""Kinds of which each organisation acts for itself alone; the others act for the market."""


@dataclass
class Everybody:
    """One person of each role, in the organisation concerned; and of each tenant's role one in
    another organisation of the same kind."""

    concerned: dict[Role, Actor]
    elsewhere: dict[Role, Actor]


async def everybody(database: Database, supplier: Organisation, force: Organisation) -> Everybody:
    homes = {K.SUPPLIER: supplier, K.FORCE: force}
    others = {K.SUPPLIER: await a_supplier(database), K.FORCE: await the_force(database, "surrey")}
    for kind in set(KIND_OF.values()) - TENANT:
        homes[kind] = await an_organisation(database, kind)
    return Everybody(await _each_role(database, homes), await _each_role(database, others))


async def _each_role(
    database: Database, homes: Mapping[OrganisationKind, Organisation]
) -> dict[Role, Actor]:
    """One new person for each role that can be held in these organisations."""
    seats = {role: homes[kind] for role, kind in KIND_OF.items() if kind in homes}
    people = {
        role: Person(
            name=f"{role} of {home.name}", email=f"{role}@{home.slug}.example", active=True,
            created_at=database.clock(),
        )
        for role, home in seats.items()
    }  # fmt: skip
    async with database.session() as session, session.begin():
        session.add_all(people.values())
        await session.flush()
        session.add_all(
            Membership(
                person_id=people[role].id, organisation_id=home.id, role=role,
                created_at=database.clock(),
            )
            for role, home in seats.items()
        )  # fmt: skip
    return {role: actor_of(people[role], (home, role)) for role, home in seats.items()}


async def may_take(database: Database, actor: Actor, operation: Any, command: Any) -> bool:
    """Whether it is done rather than refused; it is taken back in any case."""
    try:
        async with database.unit_of_work(actor.signature()) as work:
            await operation(work, actor, command)
            raise RolledBack
    except RolledBack:
        return True
    except (Denied, NotFound):
        return False


async def try_every_role(
    database: Database, people: Everybody, operation: Any, command: Any, named: set[Role]
) -> None:
    async def who_may(actors: Mapping[Role, Actor]) -> set[Role]:
        return {
            role
            for role, actor in actors.items()
            if await may_take(database, actor, operation, command)
        }

    assert await who_may(people.concerned) == named
    assert await who_may(people.elsewhere) == set()


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await a_stage(database)


@pytest.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


@pytest.mark.parametrize(
    ("machine", "named"), [(LISTING, OF_LISTING), (PILOT, {**OF_PILOT, "publish": set()})]
)
def test_every_step_of_the_table_says_who_takes_it(
    machine: Machine[Any], named: dict[str, set[Role]]
) -> None:
    assert set(named) == {step.verb for step in machine.transitions}


@pytest.mark.parametrize("verb", sorted(set(OF_LISTING) - {"archive"}))
async def test_a_listings_step_is_for_its_roles_and_no_other(stage: Stage, verb: str) -> None:
    people = await everybody(stage.database, stage.supplier, stage.force)
    one = VERBS[verb]
    technology = await one.ready(stage)
    command = of_listing(one.command, technology, **one.fields)
    await try_every_role(stage.database, people, one.operation, command, OF_LISTING[verb])


async def test_a_draft_is_archived_by_no_role_at_all(stage: Stage) -> None:
    people = await everybody(stage.database, stage.supplier, stage.force)
    command = listing_commands.ArchiveTechnology(technology_id=(await stage.drafted()).id)
    await try_every_role(stage.database, people, catalogue.archive, command, set())


async def to_check(cast: Cast) -> Any:
    fields = request_fields(cast)
    pilot = await cast.do("lead", service.propose, commands.ProposePilot.parse(fields))
    return commands.CheckOverlap.parse({"pilot_id": pilot.id})


async def to_stop(cast: Cast) -> Any:
    pilot = await cast.recorded()
    why = {"stop_reason": "cost", "reason": "The second year is not paid for."}
    return commands.StopPilot.parse({"pilot_id": pilot.id, **why})


async def to_analyse(cast: Cast) -> Any:
    stop = await to_stop(cast)
    await cast.do("sro", evidence.stop, stop)
    return ReportResult(pilot_id=stop.pilot_id)


async def to_lapse(cast: Cast) -> Any:
    pilot = await cast.requested()
    reason = "Nobody moved it, and two reminders went unanswered."
    return commands.LapsePilot(pilot_id=pilot.id, reason=reason)


Ready = Callable[[Cast], Awaitable[Any]]
STEPS: dict[str, tuple[Any, Ready]] = {
    "review_overlap": (service.check_overlap, to_check),
    "scope": (service.choose, PILOT_RULES["choose"].stage),
    "report": (evidence.confirm, EVIDENCE_RULES["confirm"].stage),
    "decide": (evidence.decide, EVIDENCE_RULES["decide"].stage),
    "analyse_stopped": (evidence.report, to_analyse),
    "stop": (evidence.stop, to_stop),
    "lapse": (service.lapse, to_lapse),
    **{
        verb: (rule.operation, rule.stage)
        for verb, rule in PILOT_RULES.items()
        if verb in OF_PILOT and verb != "stop"
    },
}


@pytest.mark.parametrize("verb", sorted(OF_PILOT))
async def test_a_pilots_step_is_for_its_roles_and_no_other(cast: Cast, verb: str) -> None:
    people = await everybody(cast.database, cast.supplier, cast.force)
    operation, ready = STEPS[verb]
    await try_every_role(cast.database, people, operation, await ready(cast), OF_PILOT[verb])


async def test_a_result_is_published_in_no_state_but_decided(cast: Cast) -> None:
    """By the hub alone: there is no command for it."""
    pilot, _ = await cast.decided()
    cast.database.clock.pass_days(30)  # type: ignore[attr-defined]
    (publish,) = (step for step in PILOT.transitions if step.verb == "publish")
    assert publish.sources == {PilotState.DECIDED}
    for state in PilotState:
        await cast.put(pilot, state=state)
        try:
            async with cast.database.unit_of_work(SYSTEM.signature()) as work:
                row = await service.held(work, SYSTEM, pilot.id)
                if state in publish.sources:
                    await service.publish(work, row)
                    assert row.state is PilotState.PUBLISHED
                else:
                    with pytest.raises(WrongState):
                        await service.publish(work, row)
                raise RolledBack
        except RolledBack:
            pass
