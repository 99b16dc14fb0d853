"""Letting the hub in: a person is sent to the supplier's system, and comes back with a code that
the hub changes for tokens. RFC 6749 section 4.1 with PKCE, `state` and RFC 9207."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import urlsplit

import structlog
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.client import OAuth2Client
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db import retention
from innohub.db.unit_of_work import Database, Signature, UnitOfWork
from innohub.errors import InnoHubError, Invalid
from innohub.hub.access import credentials
from innohub.hub.access.authorisation import Consent, CredentialKind
from innohub.hub.access.client_proof import Client
from innohub.hub.access.token_answer import Granted, NotGranted
from innohub.hub.access.token_endpoint import TokenEndpoint
from innohub.hub.access.tokens import client_of
from innohub.hub.commands import AuthoriseConnection
from innohub.hub.connections import own_connection, set_going
from innohub.hub.connectors.grants import AuthorizationCode
from innohub.hub.connectors.templates import config_values, render
from innohub.hub.models import CONNECTION, Connection
from innohub.hub.wire.outbound import Outbound, OutboundRefused, check_url
from innohub.hub.wiring import Hub
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.tokens import fingerprint
from innohub.outbox.service import record
from innohub.vault import NotOpened, Place, Sealed

log = structlog.get_logger()

MINUTES = 10
KEPT = timedelta(days=1)
VERIFIER_BYTES = 48
STATE_BYTES = 32
ALL = "/integrations"


class NotLetIn(InnoHubError):
    """The way to the supplier's system and back led to no token; the connection is as before."""

    code: ClassVar[str] = "not_let_in"


@dataclass(frozen=True)
class Invitation:
    """Where a person's browser goes, to let the hub in."""

    connection: Connection
    url: str = field(repr=False)

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc


@dataclass(frozen=True)
class Returned:
    """What the browser brings back from the supplier's system, all of it somebody else's words."""

    state: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    error: str = ""
    issuer: str | None = None


async def begin_authorisation(
    work: UnitOfWork,
    actor: Actor,
    command: AuthoriseConnection,
    *,
    hub: Hub,
    session_id: int | None = None,
) -> Invitation:
    """Invite a person to let the hub in. Who comes back has to be the same, in the same session.

    Raises NotFound, Denied, WrongState, Invalid where the connector asks for nobody's consent.
    """
    connection = await own_connection(work, actor, command.connection_id)
    grant = _grant_of(hub, connection)
    CONNECTION.after("authorise", connection.state)
    state, verifier = secrets.token_urlsafe(STATE_BYTES), secrets.token_urlsafe(VERIFIER_BYTES)
    url = _authorise_url(hub, grant, connection.config, state, verifier)
    sealed = hub.vault.seal(verifier, _place(connection, fingerprint(state)))
    work.session.add(
        Consent(
            organisation_id=connection.organisation_id,
            connection_id=connection.id,
            state_hash=fingerprint(state),
            person_id=actor.person_id,
            session_id=session_id,
            ciphertext=sealed.ciphertext,
            key_id=sealed.key_id,
            expires_at=work.now + timedelta(minutes=MINUTES),
            used_at=None,
            created_at=work.now,
        )
    )
    await record(work, "connection:invite", connection)
    return Invitation(connection, url)


class Consents:
    """Takes people back. Asks the token endpoint outside of every transaction."""

    def __init__(self, database: Database, hub: Hub, outbound: Outbound) -> None:
        self._database = database
        self._hub = hub
        self._endpoint = TokenEndpoint(outbound, database.clock)

    async def complete(
        self, actor: Actor, returned: Returned, *, session_id: int | None, signature: Signature
    ) -> Connection:
        """The connection, now active. Raises NotLetIn, Denied, WrongState."""
        async with self._database.unit_of_work(signature) as work:
            consent = await _take(work.session, actor, returned, session_id, work.now)
            connection = await own_connection(work, actor, consent.connection_id)
            CONNECTION.after("authorise", connection.state)
            rows = await credentials.read_all(work.session, connection.id)
            await record(work, "connection:return", connection)
        token = rows[CredentialKind.ACCESS_TOKEN]
        client = client_of(self._hub.vault, connection, connection.config, rows.values())
        granted = await self._granted(connection, consent, client, returned)
        async with self._database.unit_of_work(signature) as work:
            connection = await own_connection(work, actor, consent.connection_id)
            connection.state = CONNECTION.after("authorise", connection.state)
            stored = await credentials.replace_token(
                work.session,
                self._hub.vault,
                connection,
                granted,
                generation=token.generation,
                now=work.now,
            )
            if not stored:
                raise _not(connection, "The connection was changed meanwhile. Begin again.")
            await set_going(work, connection)
            await record(work, "connection:authorise", connection)
        return connection

    async def _granted(
        self, connection: Connection, consent: Consent, client: Client, returned: Returned
    ) -> Granted:
        grant = _grant_of(self._hub, connection)
        try:
            _judge(connection, grant, returned)
            verifier = self._hub.vault.open(
                Sealed(consent.ciphertext, consent.key_id), _place(connection, consent.state_hash)
            )
            back = self._hub.redirect_uri
            return await self._endpoint.exchanged(
                grant, client, code=returned.code, verifier=verifier, back=back
            )
        except (NotGranted, NotOpened) as error:
            log.warning("consent_without_token", connection_id=connection.id, reason=str(error))
            raise _not(
                connection, f"You let the hub in, but it was given no token. {error}"
            ) from None


async def forget(session: AsyncSession, *, now: datetime) -> int:
    """Delete a lot of the consents whose time ended a day ago. The number of rows."""
    return await retention.forget(session, Consent, Consent.expires_at < now - KEPT)


async def _take(
    session: AsyncSession, actor: Actor, returned: Returned, session_id: int | None, now: datetime
) -> Consent:
    """The consent that this answer belongs to, used up. Raises NotLetIn."""
    found = select(Consent).where(Consent.state_hash == fingerprint(returned.state))
    consent = (await session.scalars(found.with_for_update())).one_or_none()
    if consent is None:
        raise NotLetIn("This answer belongs to nothing that was begun here.", address=ALL)
    if not actor.may(Permission.CONNECTION_MANAGE, consent.organisation_id) or (
        consent.person_id not in (None, actor.person_id)
    ):
        raise NotLetIn("Somebody else began this. Begin it yourself.", address=ALL)
    if consent.session_id not in (None, session_id):
        raise _again(consent, "You have signed in anew since you began.")
    if consent.used_at is not None:
        raise _again(consent, "This answer was used already.")
    if consent.expires_at <= now:
        raise _again(consent, f"This took longer than {MINUTES} minutes.")
    consent.used_at = now
    return consent


def _judge(connection: Connection, grant: AuthorizationCode, returned: Returned) -> None:
    """Raises NotLetIn for an answer that holds no code of the right server."""
    issuer = render(grant.issuer, config_values(connection.config)) if grant.issuer else None
    if issuer is not None and returned.issuer != issuer:
        raise _not(connection, f"The answer does not come from {issuer}. Nothing was connected.")
    if returned.error == "access_denied":
        raise _not(connection, "The system says that you, or its administrator, said no.")
    if returned.error or not returned.code:
        code = "".join(c for c in returned.error if c.isprintable())[:100] or "no code"
        raise _not(connection, f"The system did not let the hub in. It answered: {code}.")


def _authorise_url(
    hub: Hub, grant: AuthorizationCode, config: Mapping[str, str], state: str, verifier: str
) -> str:
    """Raises Invalid for settings that make no address."""
    values = config_values(config)
    further = {name: render(text, values) for name, text in grant.authorise_parameters.items()}
    asker = OAuth2Client(
        session=None,
        client_id=render(grant.client_id, values),
        redirect_uri=hub.redirect_uri,
        scope=render(grant.scope, values) or None,
        code_challenge_method="S256",
    )
    try:
        at = str(render(grant.authorise_url, values))
        check_url(at, allow_loopback=hub.allow_loopback)
        at = add_params_to_uri(at, [(name, text) for name, text in further.items() if text])
        url: str = asker.create_authorization_url(at, state=state, code_verifier=verifier)[0]
    except (OutboundRefused, ValueError) as error:
        raise Invalid(f"With these settings nobody can be asked. {error}") from None
    return url


def _grant_of(hub: Hub, connection: Connection) -> AuthorizationCode:
    grant = hub.registry.get(connection.connector).manifest.authorise
    if not isinstance(grant, AuthorizationCode):
        raise Invalid("This connector asks for nobody's consent.", field="connection_id")
    return grant


def _place(connection: Connection, state_hash: str) -> Place:
    return Place(connection.keyed_by_id, connection.id, f"consent/{state_hash}")


def _not(connection: Connection, why: str) -> NotLetIn:
    return NotLetIn(why, address=f"{ALL}/{connection.id}")


def _again(consent: Consent, why: str) -> NotLetIn:
    return NotLetIn(f"{why} Begin again.", address=f"{ALL}/{consent.connection_id}")
