"""Carries runs on: several at once, each for a while, so that one slow system holds up no other."""

import asyncio
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import structlog
from sqlalchemy import Table, func, update

from innohub.db.unit_of_work import Database
from innohub.errors import NotFound
from innohub.hub.access.token_answer import NotGranted
from innohub.hub.access.tokens import Tokens
from innohub.hub.connectors.contract import Outcome, OutcomeClass
from innohub.hub.connectors.engine import Engine
from innohub.hub.connectors.expressions import NoAnswer
from innohub.hub.connectors.listing import NotListed
from innohub.hub.connectors.manifest import Connector
from innohub.hub.connectors.templates import config_values
from innohub.hub.delivery.conversation import Conversation
from innohub.hub.mapping import mapping_of
from innohub.hub.models import SENDING, Connection
from innohub.hub.reconcile import runs
from innohub.hub.reconcile.ending import end
from innohub.hub.reconcile.gathering import NotShown
from innohub.hub.reconcile.models import Reconciliation, RunState
from innohub.hub.reconcile.runs import Held, RunLost
from innohub.hub.reconcile.steps import Bench, step
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub

log = structlog.get_logger()

AT_ONCE = 8
TURN_SECONDS = 30.0
"""Then a run goes to the end of the queue."""
MOST_TRIES = 6
FIRST_WAIT_SECONDS = 5.0
LONGEST = timedelta(hours=6)
FOR_NOW = (
    OutcomeClass.RETRY,
    OutcomeClass.UNKNOWN,
    OutcomeClass.THROTTLED,
    OutcomeClass.CONFLICT,
)
"""Worth another try."""
NOT_SENDING = "The connection does not send. Resume it, then compare again."
TOO_LONG = "It took longer than six hours."
OURS = "The hub failed at this. The fault is logged."


class Reconciler:
    def __init__(self, database: Database, hub: Hub, outbound: Outbound) -> None:
        self._database = database
        self._hub = hub
        self._engine = Engine(outbound, clock=database.clock)
        self._tokens = Tokens(database, hub, outbound)

    async def run_due(self, _: Database | None = None) -> int:
        """Carry on what is due until nothing is. How many turns were taken."""
        turns = 0
        while True:
            async with self._database.session() as session, session.begin():
                now = self._database.clock()
                taken = await runs.claim(session, now=now, count=AT_ONCE)
            if not taken:
                return turns
            await asyncio.gather(*(self._turn(held) for held in taken))
            turns += len(taken)

    async def _turn(self, held: Held) -> None:
        try:
            await self._carry_on(held)
        except RunLost:
            log.warning("reconciliation_lost", reconciliation_id=held.run_id)
        except NotListed as error:
            await self._fail(held, str(error))
        except (NotShown, NotGranted) as error:
            await self._wait_or_fail(held, error.outcome)
        except Exception:
            log.exception("reconciliation_failed", reconciliation_id=held.run_id)
            await self._wait_or_fail(held, Outcome(OutcomeClass.RETRY, OURS))

    async def _carry_on(self, held: Held) -> None:
        until = time.monotonic() + TURN_SECONDS
        talk: Conversation | None = None
        while True:
            run, connection = await self._hold(held)
            if connection.state not in SENDING:
                return await self._fail(held, NOT_SENDING)
            now = self._database.clock()
            if run.started_at is not None and now - run.started_at > LONGEST:
                return await self._fail(held, TOO_LONG)
            if connection.paused_until is not None and connection.paused_until > now:
                return await self._put_back(held, connection.paused_until)
            connector = await self._connector(connection)
            if talk is None:
                talk = Conversation(self._engine, self._database.clock, lambda: self._renew(held))
                values = config_values(connection.config)
                token_of = self._tokens.of(connection, connector.manifest.authorise)
                await talk.open(connector, values, (), token_of)
            bench = Bench(self._database, held, run, connection, connector, talk)
            if not await step(bench):
                return await end(self._database, held, RunState.DONE, None)
            await self._rest(connection, talk.take_rest())
            if time.monotonic() > until:
                return await self._put_back(held, now)

    async def _hold(self, held: Held) -> tuple[Reconciliation, Connection]:
        async with self._database.session() as session, session.begin():
            run = await runs.hold(session, held, now=self._database.clock())
            return run, await session.get_one(Connection, run.connection_id)

    async def _renew(self, held: Held) -> None:
        await self._hold(held)

    async def _connector(self, connection: Connection) -> Connector:
        """With the fields of this connection."""
        try:
            connector = self._hub.registry.get(connection.connector)
            async with self._database.session() as session:
                mapping = await mapping_of(session, connection, connector)
        except (NotFound, NoAnswer) as error:
            raise NotListed(str(error)) from None
        return replace(connector, mapping=mapping)

    async def _rest(self, connection: Connection, seconds: float) -> None:
        """Their limits ask for a pause: deliveries keep it too."""
        if seconds <= 0:
            return
        table = cast(Table, Connection.__table__)
        until = self._database.clock() + timedelta(seconds=seconds)
        paused = update(table).where(table.c.id == connection.id)
        async with self._database.session() as session, session.begin():
            await session.execute(
                paused.values(paused_until=func.greatest(table.c.paused_until, until))
            )

    async def _put_back(self, held: Held, next_at: datetime) -> None:
        async with self._database.session() as session, session.begin():
            run = await runs.hold(session, held, now=self._database.clock())
            run.next_at = next_at

    async def _wait_or_fail(self, held: Held, outcome: Outcome) -> None:
        try:
            async with self._database.session() as session, session.begin():
                now = self._database.clock()
                run = await runs.hold(session, held, now=now)
                connection = await session.get_one(Connection, run.connection_id)
                run.tries += 1
                again = outcome.kind in FOR_NOW and run.tries < MOST_TRIES
                wait = max(FIRST_WAIT_SECONDS * 2 ** (run.tries - 1), outcome.after_seconds or 0.0)
                run.detail, run.next_at = outcome.detail, now + timedelta(seconds=wait)
            if outcome.kind is OutcomeClass.THROTTLED:
                await self._rest(connection, wait)
            if not again:
                await self._fail(held, outcome.detail)
        except RunLost:
            log.warning("reconciliation_lost", reconciliation_id=held.run_id)

    async def _fail(self, held: Held, why: str) -> None:
        await end(self._database, held, RunState.FAILED, why)
