"""The worker process: delivers, listens for the bell, and does what falls due by the clock."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import structlog
import uvloop

from innohub.db.engine import ReadPool, create_engine, pool_of
from innohub.db.parts import tend_numbers
from innohub.db.retention import Periods
from innohub.db.unit_of_work import Clock, Database, utc_now
from innohub.errors import InnoHubError
from innohub.garbage import keep_what_is_loaded
from innohub.graphql.operations import Operations
from innohub.graphql.schema import schema
from innohub.hub.access.resealing import JOB as RESEAL
from innohub.hub.access.resealing import reseal_due
from innohub.hub.database import database_of
from innohub.hub.delivery.courier import Courier
from innohub.hub.delivery.deliveries import Deliveries, Pace
from innohub.hub.delivery.failing import warn_of_failing
from innohub.hub.delivery.months import tend_months
from innohub.hub.inbound.polling import Poller
from innohub.hub.reconcile.running import Reconciler
from innohub.hub.reconcile.service import JOB as RECONCILE
from innohub.hub.reconcile.service import begin_nightly
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from innohub.identity.checkpoints import EVERY, checkpoint
from innohub.identity.checkpoints import JOB as CHECKPOINT
from innohub.mail.sending import Mailing
from innohub.mail.transport import transport_of
from innohub.market.assurance.service import watch
from innohub.market.board.service import finish_due
from innohub.market.catalogue.service import archive_idle
from innohub.market.challenges.service import tend_challenges
from innohub.market.decisions.digest.composing import compose_due
from innohub.market.demand.service import close_pools
from innohub.market.documents.clamd import Clamd
from innohub.market.documents.scanning import scan_due
from innohub.market.documents.service import JOB as SCAN_DOCUMENTS
from innohub.market.evidence.observing.receiving import JOB as CHECK_UPLOADS
from innohub.market.evidence.service import check_due, publish_due, sweep_uploads
from innohub.market.finding.service import tell_of_new_listings
from innohub.market.imports.running import run_due
from innohub.market.imports.service import JOB as RUN_IMPORTS
from innohub.market.pilots.service import forces_using, tend_pilots
from innohub.market.pilots.together.service import tell_overdue
from innohub.notices.emailing import write_due
from innohub.open_data.publishing import Publisher
from innohub.settings import Settings
from innohub.telemetry import lag, tracing
from innohub.telemetry.pools import Pool
from innohub.vault import Vault
from innohub.worker.jobs import supervise
from innohub.worker.listener import listening
from innohub.worker.sweeps import Sweep, repeat
from innohub.worker.tidying import tidy

log = structlog.get_logger()

COLLECT_AFTER = 50_000
"""Objects made and not let go of, before the youngest are looked through: 700 by default."""
HOUR = 3_600.0
DAY = 86_400.0
STALLED_MS = 2_000
"""A worker that stalls within one of the short transactions on lanes holds locks that the market's
own writes wait for: PostgreSQL ends it well before they give up."""
LONGEST_SECONDS = 900.0
"""An upload of a million observations is checked and copied by statements without a limit."""
SWEEPS = (
    Sweep("publish_due", 30.0, publish_due),
    Sweep("tell_of_new_listings", 60.0, tell_of_new_listings),
    Sweep("tend_pilots", HOUR, tend_pilots),
    Sweep("tend_challenges", HOUR, tend_challenges),
    Sweep("close_pools", HOUR, close_pools),
    Sweep("finish_rounds", HOUR, finish_due),
    Sweep("tell_overdue", HOUR, tell_overdue),
    Sweep("warn_of_failing", 600.0, warn_of_failing),
    # What it does falls due once a day; it looks more often, so that a restart delays nothing.
    Sweep("assurance", HOUR, partial(watch, forces_using=forces_using)),
    Sweep("archive_idle", DAY, archive_idle),
    Sweep(RUN_IMPORTS, 2.0, run_due),
    Sweep(CHECK_UPLOADS, 2.0, check_due),
    Sweep("sweep_uploads", HOUR, sweep_uploads),
)

IN_SANDBOX = frozenset({*(sweep.name for sweep in SWEEPS), "tidy", SCAN_DOCUMENTS})
SANDBOX_SECONDS = 10.0
"""No job rings there."""


def sweeps_of(settings: Settings) -> tuple[Sweep, ...]:
    """What falls due by the clock, or when a job of the same name rings."""
    scan = Clamd.at(settings.clamd).scan if settings.clamd else None
    vault = Vault.of(settings.vault_secret)
    return (
        *SWEEPS,
        Sweep("tidy", DAY, partial(tidy, periods=Periods.of(settings))),
        Sweep("tend_numbers", HOUR, tend_numbers),
        Sweep("tend_months", DAY, partial(tend_months, periods=Periods.of(settings))),
        Sweep(SCAN_DOCUMENTS, 5.0, partial(scan_due, scan=scan)),
        Sweep(RESEAL, HOUR, partial(reseal_due, vault=vault)),
        Sweep(CHECKPOINT, EVERY.total_seconds(), partial(checkpoint, vault=vault)),
        *_mailing(settings),
    )


def _mailing(settings: Settings) -> tuple[Sweep, ...]:
    """E-mail, where the hub sends any. Digests fall due once a day at most; it looks more often, so
    that a restart delays nothing."""
    transport = transport_of(settings)
    if transport is None:
        return ()
    return (
        Sweep("compose_digests", 300.0, partial(compose_due, base_url=settings.base_url)),
        Sweep("email_notices", 15.0, partial(write_due, base_url=settings.base_url)),
        Sweep("send_mail", 15.0, Mailing(settings, transport).send_due),
    )


def _comparing(reconciler: Reconciler, hub: Hub) -> tuple[Sweep, ...]:
    """Comparing both sides of connections. It begins after two at night; it looks more often, so
    that a restart delays nothing."""
    return (
        Sweep("reconcile_nightly", HOUR / 4, partial(begin_nightly, hub=hub)),
        Sweep(RECONCILE, 5.0, reconciler.run_due),
    )


def _publisher(settings: Settings, hub: Hub, reads: ReadPool) -> Publisher:
    return Publisher(Operations(schema._schema), reads, hub, settings)


def collect_seldom() -> None:
    """Deliveries leave few cycles: by default, to look for them takes a tenth of a busy worker's
    time."""
    keep_what_is_loaded()
    gc.set_threshold(COLLECT_AFTER)


def main(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT. Raises InnoHubError where no database is named."""
    tracing.start(settings, "worker")
    collect_seldom()
    uvloop.run(_until_signalled(settings))


async def run(
    settings: Settings,
    stop: asyncio.Event,
    *,
    sweeps: Sequence[Sweep] | None = None,
    pace: Pace | None = None,
    clock: Clock = utc_now,
) -> None:
    """Work until `stop` is set, with or without Redis."""
    if settings.database_url is None:
        raise InnoHubError("DATABASE_URL is not set: name the database of the web process.")
    hub = Hub.of(settings)
    engine = create_engine(settings.database_url, settings, seconds=LONGEST_SECONDS)
    database = database_of(engine, clock=clock)
    carrying = create_engine(settings.database_url, settings, idle_ms=STALLED_MS)
    reads = ReadPool(settings.database_url, settings)
    try:
        async with Outbound(allow_loopback=hub.allow_loopback) as outbound:
            lanes = database_of(carrying, clock=clock)
            # One list: what a settlement records rings the courier as well.
            lanes.after_commit = database.after_commit
            courier = Courier(lanes, Deliveries(lanes, hub, outbound, pace=pace))
            chosen = sweeps
            if chosen is None:
                reconciler = Reconciler(database, hub, outbound)
                poll = Sweep("poll_inbound", 30.0, Poller(database, hub, outbound).run_due)
                release = Sweep("release_open_data", 30.0, _publisher(settings, hub, reads).run_due)
                chosen = (*sweeps_of(settings), *_comparing(reconciler, hub), poll, release)
            pools: dict[str, Pool] = {
                "write": pool_of(engine),
                "deliveries": pool_of(carrying),
                "read": reads,
            }
            async with (
                lag.watched(),
                listening(settings, engine, pools),
                _sandbox(settings, chosen),
            ):
                await _work(settings, database, courier, stop, chosen)
    finally:
        await reads.close()
        await engine.dispose()
        await carrying.dispose()


@asynccontextmanager
async def _sandbox(settings: Settings, sweeps: Sequence[Sweep]) -> AsyncIterator[None]:
    """What falls due in the sandbox, where there is one, is done beside. Nothing is sent from
    there: neither deliveries nor e-mail."""
    url = settings.sandbox_database_url
    if url is None:
        yield
        return
    engine = create_engine(url, settings)
    database = database_of(engine)
    doing = [
        asyncio.create_task(repeat(sweep, database, asyncio.Event()))
        for sweep in in_sandbox(sweeps)
    ]
    try:
        yield
    finally:
        for task in doing:
            task.cancel()
        await asyncio.gather(*doing, return_exceptions=True)
        await engine.dispose()


def in_sandbox(sweeps: Sequence[Sweep]) -> list[Sweep]:
    """Those of the market that the sandbox needs, under names of their own, and less often."""
    return [
        replace(
            sweep,
            name=f"sandbox_{sweep.name}",
            every_seconds=max(sweep.every_seconds, SANDBOX_SECONDS),
        )
        for sweep in sweeps
        if sweep.name in IN_SANDBOX
    ]


async def _work(
    settings: Settings,
    database: Database,
    courier: Courier,
    stop: asyncio.Event,
    sweeps: Sequence[Sweep],
) -> None:
    async def ring(_: Sequence[Any]) -> None:
        courier.ring()

    database.after_commit.append(ring)
    bells = {sweep.name: asyncio.Event() for sweep in sweeps}
    wakes = {name: bell.set for name, bell in bells.items()}
    beside = [asyncio.create_task(repeat(sweep, database, bells[sweep.name])) for sweep in sweeps]
    if settings.redis_url is not None:
        beside.append(asyncio.create_task(supervise(settings.redis_url, courier.ring, wakes)))
    log.info("worker_started", redis=settings.redis_url is not None)
    try:
        await courier.run(stop)
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        log.info("worker_stopped")


async def _until_signalled(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    await run(settings, stop)
