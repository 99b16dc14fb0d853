"""The uploads that wait for a worker, one after the other."""

from datetime import timedelta

import structlog
from sqlalchemy import delete, select

from innohub.db.unit_of_work import Database
from innohub.identity.actor import SYSTEM
from innohub.market.evidence.measured import measured_of
from innohub.market.evidence.observing.checking import LEASE, WITHOUT_LIMIT, Check, Overtaken
from innohub.market.evidence.observing.models import (
    OBSERVATIONS,
    UPLOAD,
    ObservationRun,
    TrialUpload,
    TrialUploadPart,
    UploadState,
)
from innohub.market.evidence.observing.receiving import KEPT, rules_of
from innohub.market.pilots import service as pilots
from innohub.market.pilots.models import Pilot

log = structlog.get_logger()

MOST_TRIES = 3
PAUSE = timedelta(seconds=30)
OURS = "The hub failed at this file three times. It was noted: hand the file in again later."


async def check_due(database: Database) -> int:
    """Check every upload that waits; how many. Stands being run twice at once."""
    count = 0
    while (upload := await _claim(database)) is not None:
        await _check(database, upload)
        count += 1
    return count


async def _claim(database: Database) -> TrialUpload | None:
    """The upload that waits longest, leased to the caller."""
    now = database.clock()
    due = (
        select(TrialUpload)
        .where(TrialUpload.due_at <= now)
        .order_by(TrialUpload.due_at, TrialUpload.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    async with database.session() as session, session.begin():
        upload = await session.scalar(due)
        if upload is None:
            return None
        upload.state = UPLOAD.after("check", upload.state)
        upload.tries, upload.due_at = upload.tries + 1, now + LEASE
        if upload.tries > MOST_TRIES:
            upload.state = UPLOAD.after("refuse", upload.state)
            upload.due_at, upload.checked_at, upload.expires_at = None, now, now + KEPT
            upload.problems = [{"row": None, "column": None, "message": OURS}]
            upload.problem_count = 1
            await session.execute(
                delete(TrialUploadPart).where(TrialUploadPart.upload_id == upload.id)
            )
        return upload


async def _check(database: Database, upload: TrialUpload) -> None:
    if upload.state is not UploadState.CHECKING:
        return
    try:
        check = await _begin(database, upload)
        await check.run()
    except Overtaken:
        log.info("upload_overtaken", upload_id=upload.id)
    except Exception:
        log.exception("upload_failed", upload_id=upload.id)
        await _hand_back(database, upload)


async def _begin(database: Database, upload: TrialUpload) -> Check:
    async with database.unit_of_work(SYSTEM.signature()) as work:
        pilot = await work.session.get_one(Pilot, upload.pilot_id)
        plan = await measured_of(work, pilot, upload.outcome_id)
        several = bool(await pilots.taking_part(work, pilot))
        return Check(database, upload, rules_of(pilot, plan, upload), several)


async def _hand_back(database: Database, upload: TrialUpload) -> None:
    """To be tried again after a while."""
    async with database.session() as session, session.begin():
        held = await session.get(TrialUpload, upload.id, with_for_update=True)
        if held is not None and held.tries == upload.tries and held.due_at is not None:
            held.due_at = database.clock() + PAUSE


async def sweep_uploads(database: Database) -> int:
    """Delete what nobody confirmed in time or somebody took back, with its rows; how many."""
    count = 0
    now = database.clock()
    expired = (
        select(TrialUpload)
        .where(TrialUpload.expires_at <= now)
        .order_by(TrialUpload.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    while True:
        async with database.session() as session, session.begin():
            upload = await session.scalar(expired)
            if upload is None:
                return count
            await session.execute(WITHOUT_LIMIT)
            await session.execute(OBSERVATIONS.delete().where(ObservationRun.of(upload.id)))
            await session.delete(upload)
            count += 1
