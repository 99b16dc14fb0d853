"""Tell people, in the transaction of what they are told; and note what they have read."""

from collections.abc import Collection

from sqlalchemy import Select, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import NotFound, NotSignedIn
from innohub.identity.actor import Actor
from innohub.identity.models import Membership, Person, Role
from innohub.notices.commands import MarkNoticesRead
from innohub.notices.models import Notice
from innohub.outbox.service import record


async def notify(
    work: UnitOfWork,
    *,
    organisation_id: int,
    roles: Collection[Role],
    text: str,
    path: str,
    key: str,
    but: int | None = None,
) -> None:
    """Tell everybody who holds one of `roles` in the organisation, `but` the person who did it.
    `path` is the page it is about, within the hub; a person gets each `key` once."""
    holds = exists().where(
        Membership.person_id == Person.id,
        Membership.organisation_id == organisation_id,
        Membership.role.in_(list(roles)),
    )
    people = select(Person.id).where(holds)
    if but is not None:
        people = people.where(Person.id != but)
    await _tell(work, people, text, path, key)


async def notify_role(
    work: UnitOfWork, *, roles: Collection[Role], text: str, path: str, key: str
) -> None:
    """Tell everybody who holds one of `roles`, in whichever organisation: for the roles of the
    company and of the board, which act across tenants."""
    holds = exists().where(Membership.person_id == Person.id, Membership.role.in_(list(roles)))
    await _tell(work, select(Person.id).where(holds), text, path, key)


async def notify_person(
    work: UnitOfWork, *, person_id: int, text: str, path: str, key: str
) -> None:
    """Tell one person. As `notify`: each `key` once."""
    await _tell(work, select(Person.id).where(Person.id == person_id), text, path, key)


async def _tell(work: UnitOfWork, people: Select[int], text: str, path: str, key: str) -> None:
    """One statement, however many people; in the order of their ids, so that two transactions
    which tell the same people wait for each other and never in a circle."""
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError(f"a notice leads to a page of the hub, not to {path!r}")
    told = (
        people.add_columns(literal(key), literal(text), literal(path), literal(work.now))
        .where(Person.active)
        .order_by(Person.id)
    )
    columns = ["person_id", "key", "text", "path", "created_at"]
    rows = insert(Notice).from_select(columns, told)
    await work.session.execute(rows.on_conflict_do_nothing(index_elements=["person_id", "key"]))


async def mark_read(work: UnitOfWork, actor: Actor, command: MarkNoticesRead) -> Notice:
    """Raises NotSignedIn, and NotFound for a notice that is not the actor's own."""
    if not actor.signed_in:
        raise NotSignedIn("Sign in to see your notices.")
    own = Notice.person_id == actor.person_id
    notice = await work.session.scalar(select(Notice).where(Notice.id == command.notice_id, own))
    if notice is None:
        raise NotFound("There is no such notice.")
    which = Notice.id <= notice.id if command.and_older else Notice.id == notice.id
    read = (
        update(Notice)
        .where(own, which, Notice.read_at.is_(None))
        .values(read_at=work.now)
        .returning(Notice.id)
        .execution_options(synchronize_session=False)
    )
    marked = select(func.count()).select_from(read.cte())
    count = (await work.session.execute(marked)).scalar_one()
    await record(work, "notice.read", notice, detail={"notices": count})
    return notice
