"""The daily clean-up: rows that nobody will ask for again. What goes when: docs/retention.md."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

import structlog

from innohub.db import idempotency
from innohub.db.retention import Periods
from innohub.db.unit_of_work import Database
from innohub.hub.consents import forget
from innohub.hub.delivery import logged
from innohub.hub.delivery.signing import forget_ended
from innohub.hub.inbound import opening as inbound
from innohub.hub.reconcile import service as reconcile
from innohub.identity import housekeeping as identity
from innohub.mail import sending as mail
from innohub.market.decisions.digest import links
from innohub.notices import housekeeping as notices

log = structlog.get_logger()

Step = Callable[..., Awaitable[int]]
"""Deletes, or empties, a lot of rows as of `now`; how many. None are left when it says nought."""


def steps(periods: Periods) -> dict[str, Step]:
    """What is kept for a time only, by name."""
    return {
        "proofs of identity": partial(identity.purge, kept=periods.sessions),
        "read notices": partial(notices.purge, kept=periods.read_notices),
        "consents": forget,
        "signing secrets": forget_ended,
        "comparisons": partial(reconcile.forget, kept=periods.comparisons),
        "inbound messages": inbound.forget,
        "e-mails": partial(mail.forget, kept=periods.mail),
        "links of digests": partial(links.forget, kept=periods.links),
        "idempotency keys": idempotency.forget,
        "attempts": partial(logged.forget, kept=periods.attempts),
    }


async def tidy(database: Database, *, periods: Periods | None = None) -> int:
    """Do it all, lot by lot, each in a transaction of its own. Returns the number of rows.

    What one step fails at keeps no other from its turn: the first failure is raised at the end.
    """
    now, rows = database.clock(), 0
    failed: Exception | None = None
    for name, step in steps(periods or Periods()).items():
        try:
            rows += await _all_of(database, step, now)
        except Exception as error:
            log.exception("not_tidied", what=name)
            failed = failed or error
    if failed is not None:
        raise failed
    return rows


async def _all_of(database: Database, step: Step, now: datetime) -> int:
    rows = 0
    while True:
        async with database.session() as session, session.begin():
            done = await step(session, now=now)
        if not done:
            return rows
        rows += done
