"""What people chose to be told by e-mail, and the quiet default for the others: a chief officer
gets a weekly digest, and nobody else any."""

from typing import Any

from sqlalchemy import ColumnElement, Text, case, cast, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied, Invalid, NotSignedIn
from innohub.identity.actor import Actor
from innohub.identity.models import Membership, Person, Role
from innohub.identity.viewer import Viewer
from innohub.notices.commands import SetDigestCadence, SetNoticeChannel
from innohub.notices.models import (
    DEMANDED,
    STAYS,
    Cadence,
    Channel,
    DigestSetting,
    NoticePreference,
)
from innohub.outbox.service import record

ONE: ColumnElement[int] = literal_column("1")


def cadence_for(person: Any) -> ColumnElement[str]:
    """How often the person of a row gets a digest: what they chose, or the default for them."""
    setting, seat = aliased(DigestSetting), aliased(Membership)
    chosen = (
        select(cast(setting.cadence, Text))
        .where(setting.person_id == person.id)
        .correlate_except(setting)
        .scalar_subquery()
    )
    chief = (
        select(ONE)
        .select_from(seat)
        .where(seat.person_id == person.id, seat.role == _said(Role.FORCE_CHIEF_OFFICER))
        .correlate_except(seat)
        .exists()
    )
    quiet = case((chief, _said(Cadence.WEEKLY)), else_=_said(Cadence.NEVER))
    return func.coalesce(chosen, quiet, type_=Text)


def _said(word: str) -> ColumnElement[str]:
    return literal_column(f"'{word}'", Text)


async def readers_of_digests(session: AsyncSession) -> list[tuple[int, Cadence]]:
    """Everybody who gets a digest, with how often, in the order of their ids."""
    query = select(Person.id, cadence_for(Person)).where(Person.active).order_by(Person.id)
    found = [(id, Cadence(cadence)) for id, cadence in await session.execute(query)]
    return [(id, cadence) for id, cadence in found if cadence is not Cadence.NEVER]


async def cadence_of(session: AsyncSession, person_id: int) -> Cadence:
    """What the person chose, or the default for them."""
    query = select(cadence_for(Person)).where(Person.id == person_id)
    return Cadence((await session.execute(query)).scalar_one())


def own(person: Any, viewer: Viewer) -> ColumnElement[bool]:
    """What a person chose is theirs."""
    return viewer.is_person(person.id)


async def set_cadence(work: UnitOfWork, actor: Actor, command: SetDigestCadence) -> DigestSetting:
    """Raises NotSignedIn, Denied to an API client."""
    person_id = in_person(actor)
    mine = select(DigestSetting).where(DigestSetting.person_id == person_id).with_for_update()
    setting = await work.session.scalar(mine)
    if setting is None:
        setting = DigestSetting(person_id=person_id, created_at=work.now)
        work.session.add(setting)
    setting.cadence = command.cadence
    await record(work, "digest.set_cadence", setting, detail={"cadence": command.cadence})
    return setting


async def set_channel(
    work: UnitOfWork, actor: Actor, command: SetNoticeChannel
) -> NoticePreference:
    """Counts for what is told from now on. Raises NotSignedIn, Denied to an API client; Invalid for
    `nothing` of what the rules demand that somebody is told, and for e-mail of the board's."""
    person_id = in_person(actor)
    if command.channel is Channel.NOTHING and command.kind in DEMANDED:
        raise Invalid("The market’s rules have you told of this.", field="channel")
    if command.channel in (Channel.DIGEST, Channel.EMAIL) and command.kind in STAYS:
        raise Invalid("What the board weighs is not told by e-mail.", field="channel")
    mine = select(NoticePreference).where(
        NoticePreference.person_id == person_id, NoticePreference.kind == command.kind
    )
    preference = await work.session.scalar(mine.with_for_update())
    if preference is None:
        preference = NoticePreference(person_id=person_id, kind=command.kind, created_at=work.now)
        work.session.add(preference)
    preference.channel = command.channel
    detail = {"kind": command.kind, "channel": command.channel}
    await record(work, "notice.set_channel", preference, detail=detail)
    return preference


def in_person(actor: Actor) -> int:
    """Raises NotSignedIn, Denied to an API client."""
    if not actor.signed_in:
        raise NotSignedIn("Sign in to say what you are told.")
    if actor.person_id is None:
        raise Denied("Only people are told by e-mail.")
    return actor.person_id
