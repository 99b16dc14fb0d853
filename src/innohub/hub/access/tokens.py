"""Access tokens for connections: cached sealed, renewed ahead of their end, by one process at a
time however many ask."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.hub.access import credentials
from innohub.hub.access.authorisation import Credential, CredentialKind
from innohub.hub.access.client_proof import Client
from innohub.hub.access.credentials import Credentials, Held, Refresh
from innohub.hub.access.token_answer import Granted, NotGranted
from innohub.hub.access.token_endpoint import TokenEndpoint
from innohub.hub.connectors.contract import Outcome, OutcomeClass
from innohub.hub.connectors.grants import AuthorizationCode, Grant
from innohub.hub.models import Connection
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from innohub.vault import NotOpened, Vault

log = structlog.get_logger()

REFRESH_LEASE = timedelta(seconds=30)
"""Longer than the outbound deadline: the winner is given up only when it died."""
RETRY_AFTER_FAILURE = timedelta(seconds=5)
LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 20.0
CHANGED = "The connection was changed meanwhile."

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class AccessToken:
    value: str = field(repr=False)
    generation: int
    extra: Mapping[str, str] = field(default_factory=dict)
    """What the manifest keeps of the token answer, by name."""


class Tokens:
    """Hands out tokens. `sleep` is how those who wait for another's refresh pass the time."""

    def __init__(
        self, database: Database, hub: Hub, outbound: Outbound, *, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._database = database
        self._vault = hub.vault
        self._back = hub.redirect_uri
        self._endpoint = TokenEndpoint(outbound, database.clock)
        self._sleep = sleep
        self._credentials = Credentials(database)
        self._owner = secrets.token_hex(8)
        self._renewing: set[tuple[int, int]] = set()
        """Credentials, by id and generation, whose renewal some task of this process sees to: the
        others need not ask the database whose turn it is."""

    def of(
        self, connection: Connection, grant: Grant | None, held: Held | None = None
    ) -> Callable[[int | None], Awaitable[AccessToken | None]]:
        """Asks for this connection's token; None where the system wants none. `held`: as below, for
        the first time that it asks."""

        async def token_of(refused: int | None) -> AccessToken | None:
            if grant is None:
                return None
            seen = held if refused is None else None
            return await self.current(connection, grant, refused=refused, held=seen)

        return token_of

    async def current(
        self,
        connection: Connection,
        grant: Grant,
        *,
        refused: int | None = None,
        held: Held | None = None,
    ) -> AccessToken:
        """A token that counts, newer than generation `refused` where the endpoint refused that.

        `held`: what was read a moment ago of the connection's credentials, looked at first.
        Raises NotGranted.
        """
        waited = 0.0
        while True:
            row = await self._row(connection, held)
            held = None
            now = self._database.clock()
            usable = self._usable(row, connection, now, refused)
            if usable and (row.refresh_at is None or row.refresh_at > now):
                return usable
            if row.retry_at is None or row.retry_at <= now:
                renewed = await self._renewed(connection, grant, row, now)
                if renewed:
                    return renewed
            elif not usable:
                wait = (row.retry_at - now).total_seconds()
                raise NotGranted(_unavailable("It failed a moment ago.", wait))
            if usable:
                return usable
            if waited >= PATIENCE_SECONDS:
                raise NotGranted(_unavailable("Another worker is still asking.", 1.0))
            await self._sleep(LOOK_SECONDS)
            waited += LOOK_SECONDS

    async def _row(self, connection: Connection, held: Held | None = None) -> Credential:
        if held is None:
            held = await self._credentials.of(connection.id)
        row = held.get(CredentialKind.ACCESS_TOKEN)
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
        held = self._held(row, connection)
        return AccessToken(held.access_token, row.generation, held.extra) if held else None

    def _held(self, row: Credential, connection: Connection) -> Granted | None:
        try:
            text = credentials.opened(self._vault, row, connection)
            return Granted.of(text) if text else None
        except (NotOpened, ValueError):
            # A token can be had again: one that does not open is as good as none.
            log.warning("token_not_opened", connection_id=connection.id)
            return None

    async def _renewed(
        self, connection: Connection, grant: Grant, row: Credential, now: datetime
    ) -> AccessToken | None:
        """None where somebody else renews it. Raises NotGranted."""
        turn = (row.id, row.generation)
        if turn in self._renewing or credentials.is_taken(row, now):
            return None
        self._renewing.add(turn)
        try:
            refresh = await self._begin(row, now)
            return await self._renew(connection, grant, refresh) if refresh else None
        finally:
            self._renewing.discard(turn)

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
            granted = await self._asked(connection, grant)
        except NotGranted as error:
            row = await self._row(connection)
            if row.generation != refresh.generation:
                return await self._overtaken(connection, grant, refresh, row)
            log.warning("token_refused", connection_id=connection.id, reason=str(error))
            retry_at = self._database.clock() + RETRY_AFTER_FAILURE
            async with self._database.session() as session, session.begin():
                await credentials.abandon_refresh(session, refresh, retry_at=retry_at)
            raise
        if not await self._store(connection, refresh, granted):
            # The supplier changed the connection while we asked: what we hold is of the old one.
            raise NotGranted(_unavailable(CHANGED, 0.0))
        log.info("token_renewed", connection_id=connection.id, generation=refresh.generation + 1)
        return AccessToken(granted.access_token, refresh.generation + 1, granted.extra)

    async def _overtaken(
        self, connection: Connection, grant: Grant, refresh: Refresh, row: Credential
    ) -> AccessToken:
        """While we asked in vain, somebody took our place and was given what we were refused; or
        the supplier changed the connection, and what we asked with is history."""
        if row.ciphertext is None:
            raise NotGranted(_unavailable(CHANGED, 0.0))
        return await self.current(connection, grant, refused=refresh.generation)

    async def _store(self, connection: Connection, refresh: Refresh, granted: Granted) -> bool:
        async with self._database.session() as session, session.begin():
            return await credentials.replace_token(
                session,
                self._vault,
                connection,
                granted,
                generation=refresh.generation,
                now=self._database.clock(),
            )

    async def _asked(self, connection: Connection, grant: Grant) -> Granted:
        """The server's answer. Settings, secrets and token are read after the refresh began: where
        they change later, the generation moves on and the answer is not stored."""
        async with self._database.session() as session:
            rows = await credentials.read_all(session, connection.id)
            found = select(Connection.config).where(Connection.id == connection.id)
            config = await session.scalar(found)
        token = rows.pop(CredentialKind.ACCESS_TOKEN)
        client = client_of(self._vault, connection, config or {}, [*rows.values(), token])
        if not isinstance(grant, AuthorizationCode):
            return await self._endpoint.fresh(grant, client)
        held = self._held(token, connection)
        if held is None or held.refresh_token is None:
            why = "Access has ended, and only somebody of yours can give it again: connect it anew."
            raise NotGranted(Outcome(OutcomeClass.AUTH_REVOKED, why))
        return await self._endpoint.refreshed(grant, client, held, back=self._back)


def client_of(
    vault: Vault, connection: Connection, config: Mapping[str, str], rows: Iterable[Credential]
) -> Client:
    """What a connection shows to an authorization server: every secret of its that opens."""
    secrets, encoding = {}, None
    for row in rows:
        if row.kind is CredentialKind.ACCESS_TOKEN:
            encoding = row.basic_encoding
            continue
        with suppress(NotOpened):
            secret = credentials.opened(vault, row, connection)
            if secret is not None:
                secrets[row.kind.value] = secret
    return Client(config, secrets, encoding)


def _unavailable(why: str, after: float) -> Outcome:
    detail = f"No access token could be had. {why}"
    return Outcome(OutcomeClass.RETRY, detail, after_seconds=after)
