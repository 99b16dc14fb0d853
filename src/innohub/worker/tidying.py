"""The daily clean-up: rows that nobody will ask for again."""

from innohub.db import idempotency
from innohub.db.unit_of_work import Database
from innohub.hub.consents import forget
from innohub.hub.inbound import opening as inbound
from innohub.hub.reconcile import service as reconcile
from innohub.hub.signing import forget_ended
from innohub.identity import housekeeping as identity
from innohub.mail import sending as mail
from innohub.market.decisions.digest import links
from innohub.notices import housekeeping as notices


async def tidy(database: Database) -> int:
    """Delete proofs of identity that stopped counting, notices read long ago, consents that were
    not given in time, signing secrets that ended, old reports of comparisons, ids of messages taken
    long ago, texts of e-mails, links of digests and keys of requests that are kept no longer.
    Returns the number of rows."""
    async with database.session() as session, session.begin():
        now = database.clock()
        rows = await identity.purge(session, now=now)
        rows += await notices.purge(session, now=now)
        rows += await forget(session, now=now)
        rows += await forget_ended(session, now=now)
        rows += await reconcile.forget(session, now=now)
        rows += await inbound.forget(session, now=now)
        rows += await mail.forget(session, now=now)
        rows += await links.forget(session, now=now)
        return rows + await idempotency.forget(session, now)
