"""A person is taken out of the hub (UK GDPR, article 17), and what they did for their force, their
company or the board stays in the public record, under a pseudonym.

The audit trail stays as it is: its hashes cover numbers of people, never names, so that a trail of
acts by a pseudonym still proves that nothing was changed. See docs/decisions/0042-personal-data.md.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.migrate import load_models
from innohub.db.model import Model
from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, NotFound
from innohub.identity.actor import Actor, ActorKind
from innohub.identity.models import Person
from innohub.notices.models import Notice
from innohub.outbox.service import record
from innohub.personal.exporting import table_of
from innohub.personal.places import NAMES, OWN

NOBODY = "erased.invalid"
"""A domain that is never anybody's (RFC 2606)."""


@dataclass(frozen=True)
class Erased:
    """What became of a person."""

    pseudonym: str
    deleted: int
    """Rows that were theirs alone."""
    renamed: int
    """Places where their name stood beside an act."""
    namesakes: bool
    """Somebody else has the same name: where only the name says whose act it was, it was left."""


async def erase_person(work: UnitOfWork, actor: Actor, person_id: int, reason: str) -> Erased:
    """For the hub itself, at an operator's command. It cannot be undone.

    Raises NotFound, and Conflict for a person who was erased before.
    """
    assert actor.kind is ActorKind.SYSTEM
    person = await work.session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise NotFound("There is no such person.")
    if person.email.endswith(f"@{NOBODY}"):
        raise Conflict("This person was erased before.")
    pseudonym = f"Former user {person.id}"
    namesakes = await _has_namesakes(work.session, person)
    renamed = await _rename(work.session, person, pseudonym, by_name_alone=not namesakes)
    deleted = await _delete_own(work.session, person.id)
    person.name, person.email = pseudonym, f"former-user-{person.id}@{NOBODY}"
    person.password_hash, person.active = None, False
    told = {"rows_deleted": deleted, "names_replaced": renamed}
    await record(work, "person:erase", person, detail=told, reason=reason)
    return Erased(pseudonym, deleted, renamed, namesakes)


async def _has_namesakes(session: AsyncSession, person: Person) -> bool:
    same = func.lower(Person.name) == person.name.lower()
    return bool(await session.scalar(select(exists().where(same, Person.id != person.id))))


async def _rename(
    session: AsyncSession, person: Person, pseudonym: str, *, by_name_alone: bool
) -> int:
    renamed = 0
    for name in NAMES:
        table = table_of(name.table)
        column = table.c[name.column]
        if name.person is not None:
            whose: ColumnElement[bool] = (table.c[name.person] == person.id) & column.is_not(None)
        elif by_name_alone:
            whose = column == person.name
        else:
            continue
        done = await session.execute(
            update(table).where(whose).values({column: pseudonym}).returning(table.c.id)
        )
        renamed += len(done.all())
    if by_name_alone:
        # What others were told of them: their name stands in the sentence.
        in_text = func.strpos(Notice.text, person.name) > 0
        said = {"text": func.replace(Notice.text, person.name, pseudonym)}
        done = await session.execute(
            update(Notice)
            .where(in_text)
            .values(said)
            .returning(Notice.id)
            .execution_options(synchronize_session=False)
        )
        renamed += len(done.all())
    return renamed


async def _delete_own(session: AsyncSession, person_id: int) -> int:
    load_models()
    deleted = 0
    # What leads to other rows goes before them.
    for table in reversed(Model.metadata.sorted_tables):
        if table.name in OWN:
            gone = table.delete().where(table.c.person_id == person_id)
            deleted += len((await session.execute(gone.returning(table.c.id))).all())
    return deleted
