"""Tell people, in the transaction of what they are told; and note what they have read."""

from collections.abc import Collection

from sqlalchemy import Select, Text, cast, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import NotFound, NotSignedIn
from innohub.identity.actor import Actor
from innohub.identity.models import Membership, Person, Role
from innohub.notices.commands import MarkNoticesRead
from innohub.notices.models import Channel, Notice, NoticeKind, NoticePreference
from innohub.outbox.service import record

ARRIVED = "innohub_notices"
"""Notified of each notice at its commit, with the ids of the person and of the notice."""


async def notify(
    work: UnitOfWork,
    *,
    organisation_id: int,
    roles: Collection[Role],
    kind: NoticeKind,
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
    await _tell(work, people, kind, text, path, key)


async def notify_role(
    work: UnitOfWork,
    *,
    roles: Collection[Role],
    kind: NoticeKind,
    text: str,
    path: str,
    key: str,
) -> None:
    """Tell everybody who holds one of `roles`, in whichever organisation: for the roles of the
    company and of the board, which act across tenants."""
    holds = exists().where(Membership.person_id == Person.id, Membership.role.in_(list(roles)))
    await _tell(work, select(Person.id).where(holds), kind, text, path, key)


async def notify_person(
    work: UnitOfWork, *, person_id: int, kind: NoticeKind, text: str, path: str, key: str
) -> None:
    """Tell one person. As `notify`: each `key` once."""
    await _tell(work, select(Person.id).where(Person.id == person_id), kind, text, path, key)


async def _tell(
    work: UnitOfWork, people: Select[int], kind: NoticeKind, text: str, path: str, key: str
) -> None:
    """One statement, however many people; in the order of their ids, so that two transactions
    which tell the same people wait for each other and never in a circle. Those who chose not to be
    told of such things are left out; whoever listens is woken by the commit."""
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError(f"a notice leads to a page of the hub, not to {path!r}")
    chosen = (
        select(NoticePreference.channel)
        .where(NoticePreference.person_id == Person.id, NoticePreference.kind == kind)
        .scalar_subquery()
    )
    channel = func.coalesce(chosen, Channel.INBOX.value, type_=Text)
    wanted = (
        people.add_columns(
            literal(key), literal(kind.value), channel, literal(text), literal(path),
            literal(work.now),
        )
        .where(Person.active, channel != Channel.NOTHING.value)
        .order_by(Person.id)
    )  # fmt: skip
    columns = ["person_id", "key", "kind", "channel", "text", "path", "created_at"]
    told = (
        insert(Notice)
        .from_select(columns, wanted)
        .on_conflict_do_nothing(index_elements=["person_id", "key"])
        .returning(Notice.person_id, Notice.id)
        .cte("told")
    )
    whom = cast(told.c.person_id, Text) + ":" + cast(told.c.id, Text)
    await work.session.execute(select(func.pg_notify(ARRIVED, whom)).select_from(told))


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
