"""Notices that people want by e-mail at once: each becomes one message, once."""

from html import escape

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from innohub.db.unit_of_work import Database
from innohub.identity.models import Person
from innohub.mail.models import MailMessage
from innohub.notices.models import Channel, Notice

AT_ONCE = 100
TEXT = """{name},

{text}

{address}

You chose to be told of this by e-mail at once. Change that: {base_url}/notices/preferences
"""
HTML = """<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><title>InnoHub</title></head>
<body style="font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.4;color:#0b0c0c">
<p>{name},</p>
<p><a href="{address}">{text}</a></p>
<p style="color:#48525c;font-size:14px">You chose to be told of this by e-mail at once:
<a href="{base_url}/notices/preferences">change that</a>.</p>
</body></html>
"""


async def write_due(database: Database, base_url: str) -> int:
    """Write what is due, one transaction for all of it: of two workers, each takes other rows. Who
    was told, and that it is written, is one change; the message's key rules out a second one."""
    async with database.session() as session, session.begin():
        found = await session.execute(
            select(Notice, Person)
            .join(Person, Person.id == Notice.person_id)
            .where(Notice.channel == Channel.EMAIL)
            .order_by(Notice.id)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True, of=Notice)
        )
        rows = found.all()
        now = database.clock()
        for notice, person in rows:
            facts = {"name": person.name, "text": notice.text, "base_url": base_url,
                     "address": base_url + notice.path}  # fmt: skip
            message = insert(MailMessage).values(
                person_id=person.id,
                key=f"notice:{notice.id}",
                subject=f"InnoHub: {notice.text[:120]}",
                text=TEXT.format(**facts),
                html=HTML.format(**{name: escape(value) for name, value in facts.items()}),
                try_at=now,
                attempts=0,
                created_at=now,
            )
            await session.execute(message.on_conflict_do_nothing(index_elements=["key"]))
        told = update(Notice).where(Notice.id.in_([notice.id for notice, _ in rows]))
        await session.execute(
            told.values(channel=Channel.INBOX).execution_options(synchronize_session=False)
        )
    return len(rows)
