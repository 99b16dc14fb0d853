"""Access tokens for connections: cached sealed, renewed ahead of their end, by one process at a
time however many ask."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.hub import credentials
from innohub.hub.contract import Outcome, OutcomeClass
from innohub.hub.credentials import Refresh
from innohub.hub.grants import Grant
from innohub.hub.models import Connection, Credential, CredentialKind
from innohub.hub.outbound import Outbound
from innohub.hub.token_endpoint import Granted, NotGranted, fetch
from innohub.hub.vault import NotOpened, Vault

log = structlog.get_logger()

REFRESH_LEASE = timedelta(seconds=30)
"""Longer than the outbound deadline: the winner is given up only when it died."""
RETRY_AFTER_FAILURE = timedelta(seconds=5)
LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 20.0
MARGIN_SECONDS = 60.0
MARGIN_SHARE = 0.1

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class AccessToken:
    value: str = field(repr=False)
    generation: int


def margin(lifetime: float) -> float:
    """Seconds before its end at which a token is renewed: 60 or a tenth of its life, whichever is
    more, but never more than half, so that a short-lived token is used at all."""
    return min(max(MARGIN_SECONDS, MARGIN_SHARE * lifetime), lifetime / 2)


class Tokens:
    """Hands out tokens. `sleep` is how those who wait for another's refresh pass the time."""

    def __init__(
        self, database: Database, vault: Vault, outbound: Outbound, *, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._database = database
        self._vault = vault
        self._outbound = outbound
        self._sleep = sleep
        self._owner = secrets.token_hex(8)

    async def current(
        self, connection: Connection, grant: Grant, *, refused: int | None = None
    ) -> AccessToken:
        """A token that counts, newer than generation `refused` where the endpoint refused that.

        Raises NotGranted.
        """
        waited = 0.0
        while True:
            row = await self._row(connection)
            now = self._database.clock()
            usable = self._usable(row, connection, now, refused)
            if usable and (row.refresh_at is None or row.refresh_at > now):
                return usable
            if row.retry_at is None or row.retry_at <= now:
                refresh = await self._begin(row, now)
                if refresh:
                    return await self._renew(connection, grant, refresh)
            elif not usable:
                wait = (row.retry_at - now).total_seconds()
                raise NotGranted(_unavailable("It failed a moment ago.", wait))
            if usable:
                return usable
            if waited >= PATIENCE_SECONDS:
                raise NotGranted(_unavailable("Another worker is still asking.", 1.0))
            await self._sleep(LOOK_SECONDS)
            waited += LOOK_SECONDS

    async def _row(self, connection: Connection) -> Credential:
        async with self._database.session() as session:
            row = await credentials.read(session, connection.id, CredentialKind.ACCESS_TOKEN)
        if row is None:
            raise NotGranted(Outcome(OutcomeClass.AUTH_REVOKED, "No credential is stored."))
        return row

    def _usable(
        self, row: Credential, connection: Connection, now: datetime, refused: int | None
    ) -> AccessToken | None:
        if refused is not None and row.generation <= refused:
            return None
        if row.expires_at is not None and row.expires_at <= now:
            return None
        try:
            value = credentials.opened(self._vault, row, connection)
        except NotOpened:
            # A token can be had again: one that does not open is as good as none.
            log.warning("token_not_opened", connection_id=connection.id)
            return None
        return AccessToken(value, row.generation) if value else None

    async def _begin(self, row: Credential, now: datetime) -> Refresh | None:
        async with self._database.session() as session, session.begin():
            return await credentials.begin_refresh(
                session,
                row,
                owner=f"{self._owner}/{secrets.token_hex(4)}",
                now=now,
                lease=REFRESH_LEASE,
            )

    async def _renew(self, connection: Connection, grant: Grant, refresh: Refresh) -> AccessToken:
        try:
            config, client_secret = await self._asked_with(connection)
            granted = await fetch(self._outbound, grant, config, client_secret)
        except NotGranted as error:
            log.warning("token_refused", connection_id=connection.id, reason=str(error))
            retry_at = self._database.clock() + RETRY_AFTER_FAILURE
            async with self._database.session() as session, session.begin():
                await credentials.abandon_refresh(session, refresh, retry_at=retry_at)
            raise
        if not await self._store(connection, refresh, granted):
            # The supplier changed the connection while we asked: what we hold is of the old one.
            raise NotGranted(_unavailable("The connection was changed meanwhile.", 0.0))
        log.info("token_renewed", connection_id=connection.id, generation=refresh.generation + 1)
        return AccessToken(granted.access_token, refresh.generation + 1)

    async def _store(self, connection: Connection, refresh: Refresh, granted: Granted) -> bool:
        place = credentials.place_of(connection, CredentialKind.ACCESS_TOKEN)
        sealed = self._vault.seal(granted.access_token, place)
        now, life = self._database.clock(), granted.expires_in
        async with self._database.session() as session, session.begin():
            return await credentials.finish_refresh(
                session,
                refresh,
                sealed,
                expires_at=None if life is None else now + timedelta(seconds=life),
                refresh_at=None if life is None else now + timedelta(seconds=life - margin(life)),
            )

    async def _asked_with(self, connection: Connection) -> tuple[dict[str, Any], str]:
        """Settings and client secret as they are now. Read after the refresh began: where they
        change later, the generation moves on and the answer is not stored."""
        async with self._database.session() as session:
            config = await session.scalar(
                select(Connection.config).where(Connection.id == connection.id)
            )
            row = await credentials.read(session, connection.id, CredentialKind.CLIENT_SECRET)
        try:
            secret = credentials.opened(self._vault, row, connection) if row else None
        except NotOpened:
            secret = None
        if config is None or secret is None:
            raise NotGranted(
                Outcome(OutcomeClass.AUTH_REVOKED, "The client secret must be entered again.")
            )
        return config, secret


def _unavailable(why: str, after: float) -> Outcome:
    detail = f"No access token could be had. {why}"
    return Outcome(OutcomeClass.RETRY, detail, after_seconds=after)
