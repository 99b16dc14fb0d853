"""How people are told: a quiet default, what they chose, and what the rules demand."""

import asyncio
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import select

from innohub.db.model import Entity
from innohub.db.unit_of_work import Database
from innohub.errors import Invalid
from innohub.identity.actor import SYSTEM
from innohub.identity.models import Role
from innohub.mail.models import MailMessage
from innohub.market.decisions.digest.composing import compose
from innohub.notices.commands import SetNoticeChannel
from innohub.notices.emailing import write_due
from innohub.notices.models import DEMANDED, Channel, Notice, NoticeKind
from innohub.notices.preferences import set_channel
from innohub.notices.service import notify
from tests.conftest import Clock
from tests.factories import Somebody, somebody, the_force

T = TypeVar("T", bound=Entity)
BASE = "http://hub.test"
LEAD = Role.FORCE_INNOVATION_LEAD


async def choose(database: Database, who: Somebody, kind: NoticeKind, channel: Channel) -> None:
    async with database.unit_of_work(who.actor.signature()) as work:
        await set_channel(work, who.actor, SetNoticeChannel(kind=kind, channel=channel))


async def tell(database: Database, who: Somebody, kind: NoticeKind, text: str) -> None:
    async with database.unit_of_work(SYSTEM.signature()) as work:
        await notify(
            work, organisation_id=who.organisation.id, roles=[LEAD], kind=kind, text=text,
            path="/pilots/1", key=text,
        )  # fmt: skip


async def all_of(database: Database, table: type[T]) -> list[T]:
    async with database.session() as session:
        return list(await session.scalars(select(table).order_by(table.id)))


async def test_who_wants_nothing_of_a_kind_is_left_out_and_nobody_else(database: Database) -> None:
    kent = await the_force(database)
    quiet, other = await somebody(database, kent, LEAD), await somebody(database, kent, LEAD)
    await choose(database, quiet, NoticeKind.WORK, Channel.NOTHING)
    await tell(database, quiet, NoticeKind.WORK, "A task.")
    await tell(database, quiet, NoticeKind.PILOT, "A pilot.")
    found = [(n.person_id, n.text, n.channel) for n in await all_of(database, Notice)]
    assert sorted(found) == sorted(
        [
            (other.person.id, "A task.", Channel.INBOX),
            (quiet.person.id, "A pilot.", Channel.INBOX),
            (other.person.id, "A pilot.", Channel.INBOX),
        ]
    )
    await choose(database, quiet, NoticeKind.WORK, Channel.INBOX)
    await tell(database, quiet, NoticeKind.WORK, "Another task.")
    assert [n.text for n in await all_of(database, Notice)].count("Another task.") == 2


async def test_what_the_rules_demand_is_told_whatever_somebody_wants(database: Database) -> None:
    lead = await somebody(database, await the_force(database), LEAD)
    for kind in DEMANDED:
        with pytest.raises(Invalid, match="rules have you told"):
            await choose(database, lead, kind, Channel.NOTHING)
    # Nobody reads in a mailbox of an item from which they were recused since.
    for channel in (Channel.DIGEST, Channel.EMAIL):
        with pytest.raises(Invalid, match="not told by e-mail"):
            await choose(database, lead, NoticeKind.BOARD, channel)


async def test_what_is_wanted_at_once_is_e_mailed_once_by_however_many_workers(
    database: Database,
) -> None:
    lead = await somebody(database, await the_force(database), LEAD)
    await choose(database, lead, NoticeKind.HALT, Channel.EMAIL)
    await tell(database, lead, NoticeKind.HALT, "“A & B” is paused.")
    await tell(database, lead, NoticeKind.WORK, "A task.")
    written = await asyncio.gather(*(write_due(database, BASE) for _ in range(3)))
    assert sum(written) == 1
    assert await write_due(database, BASE) == 0
    (mail,) = await all_of(database, MailMessage)
    assert mail.subject == "InnoHub: “A & B” is paused."
    assert f"{BASE}/pilots/1" in (mail.text or "")
    assert "A &amp; B" in (mail.html or "")


async def test_the_digest_has_what_was_wanted_there_and_is_unread_once(
    database: Database, clock: Clock
) -> None:
    lead = await somebody(database, await the_force(database), LEAD)
    await choose(database, lead, NoticeKind.CHALLENGE, Channel.DIGEST)
    await tell(database, lead, NoticeKind.CHALLENGE, "A challenge.")
    await tell(database, lead, NoticeKind.WORK, "A task.")
    for period, mails in (("2026-11-03", 1), ("2026-11-04", 1)):
        clock.now += timedelta(days=1)
        async with database.unit_of_work(SYSTEM.signature()) as work:
            await compose(work, lead.person.id, period, BASE)
        assert len(await all_of(database, MailMessage)) == mails
    (mail,) = await all_of(database, MailMessage)
    assert mail.subject == "InnoHub: nothing waits for you; what is new"
    assert "A challenge." in (mail.text or "")
    assert "A task." not in (mail.text or "")
