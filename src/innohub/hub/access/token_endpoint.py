"""Asks a supplier's authorization server for tokens: Authlib builds and reads, joserfc signs, the
hardened transport sends."""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from innohub.db.unit_of_work import Clock
from innohub.hub.access import assertions
from innohub.hub.access.client_proof import Client, encodings, proof, usable_keys
from innohub.hub.access.token_answer import (
    Granted,
    NotGranted,
    granted,
    lifetime_until,
    readable,
    refusal,
    retry,
    sane,
)
from innohub.hub.connectors.answers import failure
from innohub.hub.connectors.contract import Outcome, OutcomeClass
from innohub.hub.connectors.engine import USER_AGENT
from innohub.hub.connectors.grants import (
    AuthorizationCode,
    Grant,
    JwtBearer,
    SignedApp,
    TokenRequest,
)
from innohub.hub.connectors.templates import render
from innohub.hub.wire import key_material
from innohub.hub.wire.outbound import Outbound

MISREAD = ("invalid_client", "invalid_request")
"""What servers say to an id and a secret that they decoded otherwise than we encoded them."""
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class TokenEndpoint:
    """`clock` dates the assertions."""

    def __init__(self, outbound: Outbound, clock: Clock) -> None:
        self._outbound = outbound
        self._clock = clock

    async def fresh(self, grant: Grant, client: Client) -> Granted:
        """A token by a grant that needs nobody's consent. Raises NotGranted."""
        if isinstance(grant, SignedApp):
            return await self._by_app(grant, client)
        fields = {"grant_type": "client_credentials"}
        if isinstance(grant, JwtBearer):
            url = str(render(grant.token_url, client.values))
            with usable_keys():
                assertion = assertions.for_bearer(
                    grant.assertion, url, client.values, client.secrets, self._clock()
                )
            fields = {"grant_type": JWT_BEARER, "assertion": assertion}
        return await self._ask(grant, client, fields)

    async def exchanged(
        self, grant: AuthorizationCode, client: Client, *, code: str, verifier: str, back: str
    ) -> Granted:
        """The first tokens for a person's consent; `back` is our redirect address.

        Raises NotGranted.
        """
        fields = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        return await self._ask(grant, client, fields | {"redirect_uri": back})

    async def refreshed(
        self, grant: AuthorizationCode, client: Client, before: Granted, *, back: str
    ) -> Granted:
        """The tokens that follow `before`. Raises NotGranted."""
        fields = {"grant_type": "refresh_token", "refresh_token": before.refresh_token or ""}
        if grant.redirect_uri_on_refresh:
            fields["redirect_uri"] = back
        fresh = await self._ask(grant, client, fields, known=before.extra)
        return fresh.after(before)

    async def _ask(
        self,
        grant: TokenRequest,
        client: Client,
        fields: dict[str, str],
        *,
        known: Collection[str] = (),
    ) -> Granted:
        *tries, last = encodings(grant, client)
        for encoding in tries:
            try:
                return await self._ask_so(grant, client, encoding, fields, known)
            except NotGranted as error:
                if error.error not in MISREAD:
                    raise
        return await self._ask_so(grant, client, last, fields, known)

    async def _ask_so(
        self,
        grant: TokenRequest,
        client: Client,
        encoding: str | None,
        fields: Mapping[str, str],
        known: Collection[str],
    ) -> Granted:
        url = str(render(grant.token_url, client.values))
        method = proof(grant, client, encoding, url, self._clock())
        async with self._transport(grant, client) as transport:
            # Never closed: its transport is the process's own, or ends with this block.
            oauth = AsyncOAuth2Client(
                client_id=client.id_for(grant) or "",
                client_secret=client.secrets.get("client_secret", ""),
                token_endpoint_auth_method=method,
                transport=transport,
                headers={"user-agent": USER_AGENT},
                trust_env=False,
                timeout=None,
            )
            oauth.register_compliance_hook("access_token_response", sane)
            with _told(client):
                body = _further(grant, client, fields["grant_type"])
                token = await oauth.fetch_token(url, body=body, **fields)
        return replace(self._granted(token, grant.keep, known), basic_encoding=encoding)

    @asynccontextmanager
    async def _transport(self, grant: TokenRequest, client: Client) -> AsyncIterator[Outbound]:
        if not grant.client_auth.endswith("tls_client_auth"):
            yield self._outbound
            return
        with usable_keys():
            certificate = key_material.client_certificate(client.secrets["client_certificate"])
        async with self._outbound.presenting(certificate) as presenting:
            yield presenting

    async def _by_app(self, grant: SignedApp, client: Client) -> Granted:
        with usable_keys():
            shown = assertions.for_bearer(
                grant.assertion, None, client.values, client.secrets, self._clock()
            )
        headers = {name: str(render(t, client.values) or "") for name, t in grant.headers.items()}
        headers |= {"user-agent": USER_AGENT, "authorization": f"Bearer {shown}"}
        with _told(client):
            url = str(render(grant.token_url, client.values))
            answer = readable(await self._outbound.client.post(url, headers=headers))
            if answer.status_code in (401, 403, 404):
                raise NotGranted(_unknown_app(answer.status_code))
            token = answer.raise_for_status().json()
            if not isinstance(token, dict):
                raise ValueError("no object")
        found = self._granted({"access_token": token.get("token")} | token, grant.keep, ())
        return replace(found, expires_in=lifetime_until(token.get("expires_at"), self._clock()))

    def _granted(
        self, token: Mapping[str, Any], keep: Collection[str], known: Collection[str]
    ) -> Granted:
        found = granted(token, keep, allow_loopback=self._outbound.allow_loopback)
        missing = [name for name in keep if name not in found.extra and name not in known]
        if missing:
            raise NotGranted(retry(f"gave no {missing[0]}"))
        return found


def _further(grant: TokenRequest, client: Client, grant_type: str) -> str:
    """The fields that the manifest adds, form-encoded. A code and a refresh token have their scope
    already."""
    texts = dict(grant.parameters)
    if grant.scope and grant_type not in ("authorization_code", "refresh_token"):
        texts["scope"] = grant.scope
    filled = {name: render(text, client.values) for name, text in texts.items()}
    return urlencode({name: value for name, value in filled.items() if value})


@contextmanager
def _told(client: Client) -> Iterator[None]:
    """Everything that can go wrong with a request to the server, as NotGranted."""
    try:
        yield
    except OAuthError as error:
        raise refusal(error, client.secrets.values()) from None
    except httpx2.HTTPStatusError as error:
        raise NotGranted(retry(f"answered {error.response.status_code}")) from None
    except (httpx2.TransportError, httpx2.InvalidURL, UnicodeError) as error:
        outcome = failure(error)
        # A token that was issued and lost harms nobody: the request is simply made again.
        kind = OutcomeClass.RETRY if outcome.kind is OutcomeClass.UNKNOWN else outcome.kind
        detail = f"The authorization server: {outcome.detail}"
        raise NotGranted(Outcome(kind, detail, pause=outcome.pause)) from None
    except (ValueError, RecursionError):
        raise NotGranted(retry("gave an answer that is no JSON object")) from None


def _unknown_app(status: int) -> Outcome:
    return Outcome(
        OutcomeClass.AUTH_REVOKED,
        f"The authorization server answered {status}: it does not know the app, its key or its "
        "installation.",
    )
