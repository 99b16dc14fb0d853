"""Tells the sandbox's market into its database, in one transaction each time."""

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from innohub.db.engine import create_engine
from innohub.db.unit_of_work import Clock
from innohub.errors import InnoHubError
from innohub.hub.wiring import Hub
from innohub.identity.actor import SYSTEM, Actor, ActorKind
from innohub.identity.models import Organisation, Person
from innohub.identity.proved import TOLD
from innohub.identity.sandbox import Newcomer
from innohub.market.catalogue.models import Technology
from innohub.seed.emptiness import SEED_LOCK, is_empty
from innohub.seed.sandbox.market import DAYS_BEFORE, common_story, steps_of
from innohub.seed.sandbox.own import Own, own_part, own_steps
from innohub.seed.telling.arrivals import admit, arrive, seats_of
from innohub.seed.telling.stage import Stage
from innohub.seed.telling.timetable import Step, StoryClock
from innohub.settings import Settings

PATIENCE_MS = 120_000
"""Others wait for the lock, and a step may compute for a while between two statements."""
FIRST_PERSON = 10**12
"""People of the sandbox are numbered from here on. A program that acts for a person of the market
signs with that person's number, which is to be nobody's in the sandbox."""
_NUMBER = text("SELECT setval(pg_get_serial_sequence('person', 'id'), :first, false)")
_LOCK = text("SELECT pg_advisory_xact_lock(:key)")


async def tell(settings: Settings, clock: Clock, newcomer: Newcomer | None) -> None:
    """Raises InnoHubError for settings without a database."""
    if settings.database_url is None:
        raise InnoHubError("The sandbox has no database.")
    patient = settings.model_copy(update={"statement_timeout_ms": PATIENCE_MS})
    engine = create_engine(settings.database_url, patient, idle_ms=PATIENCE_MS)
    try:
        async with engine.begin() as connection:
            await connection.execute(_LOCK, {"key": SEED_LOCK})
            common, hub = common_story(), Hub.of(settings)
            if await is_empty(connection):
                await connection.execute(_NUMBER, {"first": FIRST_PERSON})
                clock_ = StoryClock.until(clock())
                await _tell_common(Stage.in_transaction(connection, clock_, common, hub))
            if newcomer is not None and not await _is_there(connection, newcomer):
                own, clock_ = own_part(common, newcomer), StoryClock.until(clock())
                await _tell_own(Stage.in_transaction(connection, clock_, own.story, hub), own)
    finally:
        await engine.dispose()


async def _tell_common(stage: Stage) -> None:
    steps = _in_order(steps_of(stage))
    stage.clock.move_to(steps[0].at - DAYS_BEFORE)
    await arrive(stage, {})
    await _take(stage, steps)


async def _tell_own(stage: Stage, own: Own) -> None:
    await _recall(stage)
    steps = _in_order(own_steps(stage, own))
    stage.clock.move_to(steps[0].at - DAYS_BEFORE)
    async with stage.work_of(SYSTEM) as work:
        await admit(work, stage, (own.tenant,), own.people, {})
    await _take(stage, steps)


def _in_order(steps: list[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: step.at)


async def _take(stage: Stage, steps: list[Step]) -> None:
    for step in steps:
        stage.clock.move_to(step.at)
        await step.do()


async def _is_there(connection: AsyncConnection, newcomer: Newcomer) -> bool:
    found = select(Organisation.id).where(Organisation.slug == newcomer.slug)
    return await connection.scalar(found) is not None


async def _recall(stage: Stage) -> None:
    """Who and what is there already comes onto the stage."""
    story = stage.story
    async with stage.database.session() as session:
        for organisation in await session.scalars(select(Organisation)):
            stage.organisations[organisation.slug] = organisation
        named = {row.name: row.slug for row in story.technologies}
        for technology in await session.scalars(select(Technology)):
            if technology.name in named:
                stage.technologies[named[technology.name]] = technology.id
        for person in await session.scalars(select(Person)):
            told = story.person.get(person.email)
            if told is not None:
                stage.actors[person.email] = Actor(
                    ActorKind.PERSON,
                    person.name,
                    person_id=person.id,
                    seats=seats_of(stage, told),
                    proved=TOLD,
                )
