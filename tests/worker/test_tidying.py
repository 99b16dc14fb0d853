"""What is kept for a time goes in lots, past what somebody holds; what is kept for good stays."""

from datetime import timedelta

from sqlalchemy import func, select, text

from innohub.db.retention import LOT, Periods
from innohub.db.unit_of_work import Database
from innohub.hub.delivery import logged
from innohub.hub.models import Attempt, Delivery
from innohub.mail.models import MailMessage
from innohub.worker.tidying import tidy
from tests.hub.scene import RealClock, Supplied, happen

OLD = LOT + 500
ATTEMPTS = text(
    """
    INSERT INTO attempt (organisation_id, connection_id, delivery_id, number, started_at, ms,
        outcome, detail, request_headers, request_excerpt, response_excerpt, request_id, created_at)
    SELECT organisation_id, connection_id, id, n, :at, 1, 'ok', '', '{}', '', '', '', :at
    FROM delivery, generate_series(1, :times) AS n
    """
)


async def test_the_log_of_attempts_goes_lot_by_lot_and_the_delivery_stays(
    database: Database, supplied: Supplied, clock: RealClock
) -> None:
    await happen(database, supplied.supplier)
    now = clock()
    async with database.session() as session, session.begin():
        long_ago = now - timedelta(days=432)
        await session.execute(ATTEMPTS, {"at": long_ago, "times": OLD})
        await session.execute(ATTEMPTS, {"at": now - timedelta(days=430), "times": 7})
    async with database.session() as session, session.begin():
        assert await logged.forget(session, now=now) == LOT, "no transaction holds more"
        async with database.session() as holding, holding.begin():
            one = await holding.scalar(select(func.max(Attempt.id) - 17))
            await holding.execute(select(Attempt).where(Attempt.id == one).with_for_update())
            assert await logged.forget(session, now=now) == OLD - LOT - 1, "held: not waited for"
        await session.rollback()

    assert await tidy(database) == OLD
    assert await tidy(database, periods=Periods(attempts=timedelta(days=398))) == 7
    async with database.session() as session:
        assert await session.scalar(select(func.count()).select_from(Attempt)) == 0
        assert await session.scalar(select(func.count()).select_from(Delivery)) == 1


async def test_that_somebody_was_written_to_is_forgotten_and_what_waits_to_be_sent_is_not(
    database: Database, supplied: Supplied, clock: RealClock
) -> None:
    now = clock()
    async with database.session() as session, session.begin():
        for number, sent_at in enumerate((now - timedelta(days=91), now, None)):
            session.add(
                MailMessage(
                    person_id=supplied.admin.person.id,
                    key=f"notice:{number}",
                    subject="News",
                    text=None,
                    html=None,
                    try_at=now,
                    attempts=1,
                    sent_at=sent_at,
                    created_at=now - timedelta(days=92),
                )
            )
    assert await tidy(database) == 1
    async with database.session() as session:
        kept = await session.scalars(select(MailMessage.key).order_by(MailMessage.key))
        assert kept.all() == ["notice:1", "notice:2"]
