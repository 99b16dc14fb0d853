"""Compose the digests that are due: each claimed, written and addressed in one transaction, so that
however many workers look, and wherever one dies, a person gets one a period."""

import structlog
from sqlalchemy.dialects.postgresql import insert

from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.errors import InnoHubError
from innohub.identity.actor import SYSTEM
from innohub.identity.models import Person
from innohub.mail.models import MailMessage
from innohub.market.decisions.digest import links
from innohub.market.decisions.digest.content import content_for
from innohub.market.decisions.digest.models import Digest
from innohub.market.decisions.digest.periods import due_period
from innohub.market.decisions.digest.writing import written
from innohub.notices.preferences import cadence_of, readers_of_digests
from innohub.outbox.service import record

log = structlog.get_logger()


async def compose_due(database: Database, base_url: str) -> int:
    """Compose every digest that is due now; how many e-mails there are. Each in a unit of work of
    its own, so that one that fails does not hold up the others."""
    now = database.clock()
    async with database.session() as session:
        readers = await readers_of_digests(session)
    written = 0
    for person_id, cadence in readers:
        period = due_period(cadence, now)
        if period is None:
            continue
        try:
            async with database.unit_of_work(SYSTEM.signature()) as work:
                written += await compose(work, person_id, period, base_url)
        except InnoHubError as error:
            log.warning("digest_not_composed", person_id=person_id, why=error.message)
    return written


async def compose(work: UnitOfWork, person_id: int, period: str, base_url: str) -> bool:
    """Compose the person's digest of the period, unless it was; whether there is an e-mail now.

    Whoever claims the same period meanwhile waits here, and then finds it claimed.
    """
    claim = (
        insert(Digest)
        .values(person_id=person_id, period=period, created_at=work.now)
        .on_conflict_do_nothing(index_elements=["person_id", "period"])
        .returning(Digest.id)
    )
    id = (await work.session.execute(claim)).scalar_one_or_none()
    if id is None:
        return False
    digest = await work.session.get_one(Digest, id)
    person = await work.session.get_one(Person, person_id)
    content = await content_for(work.session, person, work.now)
    if content.empty:
        await record(work, "digest:compose", digest, detail={"period": period, "items": 0})
        return False
    tokens = {row.id: await links.make(work, person, row) for row in content.decisions}
    mail = written(person, content, await cadence_of(work.session, person_id), tokens, base_url)
    message = MailMessage(
        person_id=person_id, key=f"digest:{person_id}:{period}", subject=mail.subject,
        text=mail.text, html=mail.html, try_at=work.now, attempts=0, created_at=work.now,
    )  # fmt: skip
    work.session.add(message)
    await work.session.flush()
    digest.message_id = message.id
    detail = {"period": period, "items": len(content.decisions)}
    await record(work, "digest:compose", digest, detail=detail)
    return True
