"""Asks suppliers' systems what changed on their side, for those that send no webhooks.

A round begins where the last whole one began, with a little before it: what a crash or a failure
cut off is asked for again, and what is told twice is noted once.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import literal, select, update
from sqlalchemy.dialects.postgresql import insert

from innohub.db.unit_of_work import Database, Signature
from innohub.errors import NotFound
from innohub.hub.access.token_answer import NotGranted
from innohub.hub.access.tokens import Tokens
from innohub.hub.connectors.declared import Poll
from innohub.hub.connectors.engine import Engine
from innohub.hub.connectors.listing import NotListed
from innohub.hub.connectors.manifest import Connector
from innohub.hub.connectors.templates import config_values
from innohub.hub.delivery.conversation import Conversation
from innohub.hub.inbound.asking import changes
from innohub.hub.inbound.models import InboundPoll
from innohub.hub.inbound.noting import its_turn, note
from innohub.hub.inbound.wording import Told
from innohub.hub.models import SENDING, Connection
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub

log = structlog.get_logger()

AT_ONCE = 8
ROUND_SECONDS = 240.0
LEASE = timedelta(seconds=300)
"""More than a round."""


@dataclass(frozen=True)
class _Held:
    connection_id: int
    fence: int
    since: datetime


class Poller:
    def __init__(self, database: Database, hub: Hub, outbound: Outbound) -> None:
        self._database = database
        self._hub = hub
        self._engine = Engine(outbound, clock=database.clock)
        self._tokens = Tokens(database, hub, outbound)

    async def run_due(self, _: Database | None = None) -> int:
        """A round for each connection that is due. Their number."""
        await self._begin()
        rounds = 0
        while taken := await self._claim():
            await asyncio.gather(*(self._round(held) for held in taken))
            rounds += len(taken)
        return rounds

    async def _begin(self) -> None:
        """A row for each connection that is polled and has none yet."""
        names = [each.manifest.name for each in self._hub.registry if _polls_of(each)]
        zero = [literal(0), literal(0)]
        fresh = select(
            Connection.organisation_id, Connection.id, Connection.created_at,
            literal(self._database.clock()), literal(self._database.clock()), *zero,
        ).where(Connection.connector.in_(names))  # fmt: skip
        columns = [
            "organisation_id", "connection_id", "since", "next_at", "created_at", "fence", "tries",
        ]  # fmt: skip
        async with self._database.session() as session, session.begin():
            added = insert(InboundPoll).from_select(columns, fresh)
            await session.execute(added.on_conflict_do_nothing())

    async def _claim(self) -> list[_Held]:
        now = self._database.clock()
        due = (
            select(InboundPoll.id)
            .join(Connection, Connection.id == InboundPoll.connection_id)
            .where(InboundPoll.next_at <= now, Connection.state.in_(SENDING))
            .order_by(InboundPoll.next_at)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True, of=InboundPoll)
        )
        take = (
            update(InboundPoll)
            .where(InboundPoll.id.in_(due))
            .values(next_at=now + LEASE, fence=InboundPoll.fence + 1)
            .returning(InboundPoll.connection_id, InboundPoll.fence, InboundPoll.since)
            .execution_options(synchronize_session=False)
        )
        async with self._database.session() as session, session.begin():
            return [_Held(*row) for row in await session.execute(take)]

    async def _round(self, held: _Held) -> None:
        began, why, wait = self._database.clock(), None, 0.0
        try:
            async with asyncio.timeout(ROUND_SECONDS):
                wait = await self._follow(held)
        except NotGranted as error:
            why, wait = error.outcome.detail, error.outcome.after_seconds or 0.0
        except (NotListed, NotFound) as error:
            why = str(error)
        except TimeoutError:
            why = "Their answers took too long."
        except Exception:
            log.exception("poll_failed", connection_id=held.connection_id)
            why = "The hub failed at this. The fault is logged."
        await self._end(held, began, why, wait)

    async def _follow(self, held: _Held) -> float:
        """Page after page. Seconds that their limits ask for. Raises NotListed, NotGranted."""
        async with self._database.session() as session:
            connection = await session.get_one(Connection, held.connection_id)
        connector = self._hub.registry.get(connection.connector)
        polls = _polls_of(connector)
        if not polls:
            raise NotListed("This connector asks for nothing.")
        talk = Conversation(self._engine, self._database.clock, _unheld)
        values = config_values(connection.config)
        token_of = self._tokens.of(connection, connector.manifest.authorise)
        await talk.open(connector, values, (), token_of)
        now = self._database.clock()
        for poll in polls:
            async for told in changes(talk, connector.manifest, poll, held.since, now):
                await self._note(connection, told)
        return talk.take_rest()

    async def _note(self, connection: Connection, told: list[Told]) -> None:
        if not told:
            return
        by = Signature(organisation_id=connection.organisation_id)
        async with self._database.unit_of_work(by) as work:
            await its_turn(work.session, connection)
            for each in told:
                await note(work, connection, each)

    async def _end(self, held: _Held, began: datetime, why: str | None, wait: float) -> None:
        now = self._database.clock()
        async with self._database.session() as session, session.begin():
            row = await session.scalar(
                select(InboundPoll)
                .where(
                    InboundPoll.connection_id == held.connection_id,
                    InboundPoll.fence == held.fence,
                )
                .with_for_update()
            )
            if row is None:
                return
            connection = await session.get_one(Connection, held.connection_id)
            minutes = self._minutes(connection)
            row.detail, row.tries = why, row.tries + 1 if why else 0
            if why is None:
                row.since = began
            pause = max(timedelta(minutes=minutes * min(2**row.tries, 16)), timedelta(seconds=wait))
            row.next_at = now + pause
        log.info("polled", connection_id=held.connection_id, reason=why)

    def _minutes(self, connection: Connection) -> int:
        try:
            polls = _polls_of(self._hub.registry.get(connection.connector))
        except NotFound:
            polls = ()
        return polls[0].minutes if polls else 1_440


def _polls_of(connector: Connector) -> tuple[Poll, ...]:
    inbound = connector.manifest.inbound
    return inbound.polls if inbound else ()


async def _unheld() -> None:
    """A round needs no lease of a lane."""
