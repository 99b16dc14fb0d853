"""One step of a run in each phase. What is sent is sent outside of transactions; each step ends in
a short one under the run's fence, so that a run goes on where it stood."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import Database, Signature, UnitOfWork
from innohub.hub.connectors.calls import Retire
from innohub.hub.connectors.contract import OutcomeClass
from innohub.hub.connectors.listing import FIRST, NotListed, Place, Trail
from innohub.hub.connectors.manifest import Connector, Manifest
from innohub.hub.delivery.conversation import Conversation
from innohub.hub.models import Connection, RemoteRecord
from innohub.hub.reconcile import beside, comparing, gathering, records, runs
from innohub.hub.reconcile.gathering import NotShown, Shown
from innohub.hub.reconcile.models import Discrepancy, Mend, Phase, Reconciliation
from innohub.hub.reconcile.records import Compared
from innohub.hub.reconcile.runs import Held

MOST_RECORDS = 200_000
MOST_PAGES = 5_000
TOO_MUCH = f"Their system lists more than {MOST_RECORDS:,} records or {MOST_PAGES:,} pages."
ROUND = "Their pages lead round in a circle."
WRITTEN_TO = "The hub writes to this one now: it stays."


@dataclass(frozen=True)
class Bench:
    """What a step works with."""

    database: Database
    held: Held
    run: Reconciliation
    """As it stood when the step began."""
    connection: Connection
    connector: Connector
    talk: Conversation

    @property
    def manifest(self) -> Manifest:
        return self.connector.manifest


async def step(bench: Bench) -> bool:
    """One step; False once nothing is left to do. Raises RunLost, NotShown, NotListed, and what the
    conversation raises."""
    phase = bench.run.phase
    if phase is Phase.GATHERING:
        await _gather(bench)
    elif phase is Phase.COMPARING:
        await _compare(bench)
    elif phase is Phase.UNKNOWN:
        await _tell_of_others(bench)
    else:
        return await _retire(bench)
    return True


async def _gather(bench: Bench) -> None:
    listing, read = bench.manifest.listing, bench.manifest.read
    if listing is not None:
        run = bench.run
        place = Place(run.token, run.position) if run.pages else FIRST
        fields = bench.connector.mapping.fields
        shown = await gathering.page(bench.talk, bench.manifest, listing, place, fields)
        await _keep_page(bench, shown)
    elif read is not None:
        await _look_up(bench)


async def _keep_page(bench: Bench, shown: Shown) -> None:
    async with bench.database.session() as session, session.begin():
        run = await runs.hold(session, bench.held, now=bench.database.clock())
        fresh = await runs.keep(session, run, shown.records)
        if shown.records and not fresh:
            raise NotListed(ROUND)
        run.listed += fresh
        trail = Trail(run.trail_mark, run.pages)
        if shown.next is None:
            _go_on(run, Phase.COMPARING)
            return
        trail.step(shown.next)
        run.trail_mark, run.pages = trail.mark, trail.pages
        if run.listed > MOST_RECORDS or run.pages > MOST_PAGES:
            raise NotListed(TOO_MUCH)
        run.token, run.position = shown.next.token, shown.next.offset
        run.tries, run.detail = 0, None


async def _look_up(bench: Bench) -> None:
    read = bench.manifest.read
    async with bench.database.session() as session:
        compared = Compared(bench.connection, bench.manifest, bench.run)
        rows = await records.remembered(session, compared, bench.run.position, 1)
        row = rows[0] if rows else None
    if row is None or read is None:
        async with bench.database.session() as session, session.begin():
            run = await runs.hold(session, bench.held, now=bench.database.clock())
            _go_on(run, Phase.COMPARING)
        return
    event = bench.manifest.record == "event"
    shown = await gathering.look_up(bench.talk, read, row, event=event)
    async with bench.database.session() as session, session.begin():
        run = await runs.hold(session, bench.held, now=bench.database.clock())
        run.listed += await runs.keep(session, run, shown.records)
        run.position, run.tries, run.detail = row.id, 0, None


async def _compare(bench: Bench) -> None:
    async with bench.database.session() as session, session.begin():
        work = _unit(bench, session)
        run = await runs.hold(session, bench.held, now=work.now)
        compared = Compared(bench.connection, bench.manifest, run)
        rows = await records.remembered(session, compared, run.position, comparing.BATCH)
        await comparing.compare(work, compared, rows)
        if rows:
            run.position = rows[-1].id
        else:
            _go_on(run, Phase.UNKNOWN)


async def _tell_of_others(bench: Bench) -> None:
    async with bench.database.session() as session, session.begin():
        work = _unit(bench, session)
        run = await runs.hold(session, bench.held, now=work.now)
        compared = Compared(bench.connection, bench.manifest, run)
        rows = await records.shown_beside(session, run, run.position, comparing.BATCH)
        await beside.tell(work, compared, rows)
        if rows:
            run.position = rows[-1].id
        else:
            _go_on(run, Phase.RETIRING)


async def _retire(bench: Bench) -> bool:
    line = await _next_to_retire(bench)
    if line is None or bench.manifest.retire is None:
        return False
    mend, told = Mend.NONE, WRITTEN_TO
    if not await _written_to(bench, line):
        mend, told = await _retire_one(bench, bench.manifest.retire, line)
    async with bench.database.session() as session, session.begin():
        run = await runs.hold(session, bench.held, now=bench.database.clock())
        row = await session.get_one(Discrepancy, line.id)
        row.mend, row.detail = mend, f"{row.detail} {told}".strip()
        run.mended += mend is Mend.RETIRED
        run.tries, run.detail = 0, None
    return True


async def _retire_one(bench: Bench, retire: Retire, line: Discrepancy) -> tuple[Mend, str]:
    about = {"remote.id": line.remote_id, "record.key": line.record_key}
    answered = await bench.talk.retire(retire, about)
    outcome = answered.exchange.outcome
    if outcome.kind is OutcomeClass.OK or answered.exchange.status in retire.gone:
        return Mend.RETIRED, ""
    if outcome.kind is OutcomeClass.REJECTED and not outcome.pause:
        return Mend.NONE, outcome.detail
    raise NotShown(outcome)


async def _next_to_retire(bench: Bench) -> Discrepancy | None:
    found = select(Discrepancy).where(
        Discrepancy.reconciliation_id == bench.run.id, Discrepancy.mend == Mend.RETIRING
    )
    async with bench.database.session() as session:
        return (await session.scalars(found.order_by(Discrepancy.id).limit(1))).one_or_none()


async def _written_to(bench: Bench, line: Discrepancy) -> bool:
    found = select(RemoteRecord.id).where(
        RemoteRecord.connection_id == bench.connection.id,
        RemoteRecord.record_key == line.record_key,
        RemoteRecord.remote_id == line.remote_id,
    )
    async with bench.database.session() as session:
        return await session.scalar(found) is not None


def _unit(bench: Bench, session: AsyncSession) -> UnitOfWork:
    """The run's own bookkeeping. What it comes to is told the audit trail as it ends."""
    by = Signature(organisation_id=bench.run.organisation_id)
    return UnitOfWork(session, bench.database.clock(), by)


def _go_on(run: Reconciliation, phase: Phase) -> None:
    run.phase, run.position, run.tries, run.detail = phase, 0, 0, None
