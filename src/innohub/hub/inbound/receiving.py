"""Signed webhooks from suppliers' systems: verified, stored, and only then acknowledged.

Whoever sends an address that is none, or without a right signature, learns nothing: not even
whether there is such a connection.
"""

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from innohub.db.unit_of_work import Database, Signature, UnitOfWork
from innohub.errors import NotFound
from innohub.hub.access import credentials
from innohub.hub.connectors.declared import NoteReturns
from innohub.hub.delivery.signing import THEIRS, live
from innohub.hub.inbound.models import InboundMessage
from innohub.hub.inbound.noting import its_turn, note
from innohub.hub.inbound.wording import told_in
from innohub.hub.models import Connection
from innohub.hub.wiring import Hub

log = structlog.get_logger()

LARGEST_BODY = 64 * 1024
MOST_AN_HOUR = 1_000
LONGEST_ID = 200
TOLERANCE_SECONDS = 300
NO_KEY = "it bears no key of the hub, or says nothing"


@dataclass(frozen=True)
class Answer:
    """What the sender is told."""

    status: int
    body: dict[str, Any]


REFUSED = Answer(401, {"error": "The signature does not count here."})
NO_JSON = Answer(400, {"error": "The body is not a JSON object."})
REPLAYED = Answer(409, {"error": "This very message came before. To send it again, sign anew."})
TOO_MANY = Answer(429, {"error": f"At most {MOST_AN_HOUR:,} messages an hour are taken."})
AGAIN = Answer(200, {"result": "taken before"})


@dataclass(frozen=True)
class _Proven:
    """A message whose signature counts."""

    connection: Connection
    returns: NoteReturns
    message_id: str
    signed_at: int
    document: Mapping[str, Any] | None


class Receiver:
    def __init__(self, database: Database, hub: Hub) -> None:
        self._database = database
        self._hub = hub

    async def receive(self, number: int, headers: Mapping[str, str], body: bytes) -> Answer:
        """Take a message for a connection. What is answered with 2xx is stored."""
        proven = await self._proven(number, headers, body)
        if proven is None:
            return REFUSED
        if proven.document is None:
            log.info("inbound_refused", connection_id=number, reason="no JSON object")
            return NO_JSON
        by = Signature(organisation_id=proven.connection.organisation_id)
        async with self._database.unit_of_work(by) as work:
            await its_turn(work.session, proven.connection)
            answer = await self._stored(work, proven)
        log.info("inbound", connection_id=number, status=answer.status, **answer.body)
        return answer

    async def _proven(self, number: int, headers: Mapping[str, str], body: bytes) -> _Proven | None:
        async with self._database.session() as session:
            connection = await session.get(Connection, number)
            held = await credentials.read_all(session, number) if connection else {}
        now = self._database.clock()
        try:
            if connection is None:
                raise WebhookVerificationError("no such address")
            returns = self._returns(connection)
            alive = live(self._hub.vault, held, connection, now=now, pair=THEIRS)
            if returns is None or not alive:
                raise WebhookVerificationError("it takes nothing")
            signed_at = _signed_at(headers, now)
            _verify(alive, headers, body)
        except (WebhookVerificationError, ValueError, KeyError) as error:
            log.warning("inbound_refused", connection_id=number, reason=str(error)[:200])
            return None
        return _Proven(connection, returns, headers["webhook-id"], signed_at, _object(body))

    def _returns(self, connection: Connection) -> NoteReturns | None:
        try:
            inbound = self._hub.registry.get(connection.connector).manifest.inbound
        except NotFound:
            return None
        return inbound.webhook if inbound else None

    async def _stored(self, work: UnitOfWork, proven: _Proven) -> Answer:
        since = work.now - timedelta(hours=1)
        lately = select(func.count()).where(
            InboundMessage.connection_id == proven.connection.id,
            InboundMessage.created_at > since,
        )
        if (await work.session.scalar(lately) or 0) >= MOST_AN_HOUR:
            return TOO_MANY
        if not await _kept(work, proven):
            return await _came_before(work, proven)
        told = told_in(proven.returns, proven.document)
        if told is None:
            return Answer(200, {"result": NO_KEY})
        return Answer(200, {"result": (await note(work, proven.connection, told)).value})


async def _kept(work: UnitOfWork, proven: _Proven) -> bool:
    """Store the message's id; False where it is there."""
    fresh = insert(InboundMessage).values(
        organisation_id=proven.connection.organisation_id,
        connection_id=proven.connection.id,
        message_id=proven.message_id,
        signed_at=proven.signed_at,
        created_at=work.now,
    )
    stored = fresh.on_conflict_do_nothing().returning(InboundMessage.id)
    return (await work.session.execute(stored)).first() is not None


async def _came_before(work: UnitOfWork, proven: _Proven) -> Answer:
    """A retry, whose answer was lost, is signed anew and is acknowledged; the very same message is
    somebody's replay."""
    found = select(InboundMessage.signed_at).where(
        InboundMessage.connection_id == proven.connection.id,
        InboundMessage.message_id == proven.message_id,
    )
    before = await work.session.scalar(found)
    return REPLAYED if before is not None and proven.signed_at <= before else AGAIN


def _verify(secrets: tuple[str, ...], headers: Mapping[str, str], body: bytes) -> None:
    """Raises WebhookVerificationError, or whatever the library makes of what is no signature, where
    none of the secrets made it."""
    *older, last = reversed(secrets)
    for secret in older:
        with suppress(WebhookVerificationError):
            Webhook(secret).verify(body, dict(headers), json_parse=False)
            return
    Webhook(last).verify(body, dict(headers), json_parse=False)


def _signed_at(headers: Mapping[str, str], now: datetime) -> int:
    """Raises WebhookVerificationError for what is old, ahead of time or without an id."""
    message_id, stamp = headers["webhook-id"], headers["webhook-timestamp"]
    if not 0 < len(message_id) <= LONGEST_ID or not message_id.isprintable():
        raise WebhookVerificationError("no sound webhook-id")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 15):
        raise WebhookVerificationError("no sound webhook-timestamp")
    if abs(math.floor(now.timestamp()) - int(stamp)) > TOLERANCE_SECONDS:
        raise WebhookVerificationError("signed more than five minutes ago, or ahead of time")
    return int(stamp)


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
