"""To an organisation's provider and back: the authorization code flow with PKCE, `state`, `nonce`
and RFC 9207.

What has to be known again when the browser comes back stands in a signed cookie of that browser, so
that an answer which another browser was sent to fetch (a code injected, a sign-in forced on
somebody) finds no match. Each provider has a redirect address of its own: a code of one is never
shown to another.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import httpx2
import orjson
from authlib.common.urls import add_params_to_uri
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from innohub.identity.providers.discovery import Directory
from innohub.identity.providers.errors import NotSignedInThere
from innohub.identity.providers.models import IdentityProvider
from innohub.identity.providers.tokens import Told, judged

LASTS = timedelta(minutes=10)
SCOPES = "openid email profile"
RECENT = timedelta(minutes=2)
"""How old a sign-in may be where the person was to sign in anew."""


class Reason(StrEnum):
    SIGN_IN = "sign_in"
    PROVE = "prove"
    """Somebody who is signed in shows again who they are."""


@dataclass(frozen=True)
class Errand:
    """What the browser was sent for."""

    provider_id: int
    reason: Reason
    onward: str
    """The page of the hub to go on to."""
    ends: int
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)

    def packed(self) -> str:
        """For a signed cookie."""
        return orjson.dumps(self.__dict__).hex()

    @classmethod
    def unpacked(cls, text: str | None, now: datetime) -> "Errand":
        """Raises NotSignedInThere where there is none, or it took too long."""
        if text is None:
            raise NotSignedInThere("no sign-in was under way in this browser (state)")
        found = orjson.loads(bytes.fromhex(text))
        errand = cls(**{**found, "reason": Reason(found["reason"])})
        if errand.ends <= now.timestamp():
            raise NotSignedInThere("it took too long")
        return errand


def errand_to(provider: IdentityProvider, reason: Reason, onward: str, now: datetime) -> Errand:
    return Errand(
        provider.id,
        reason,
        onward,
        int((now + LASTS).timestamp()),
        secrets.token_urlsafe(32),
        secrets.token_urlsafe(32),
        secrets.token_urlsafe(48),
    )


async def address(
    directory: Directory, provider: IdentityProvider, errand: Errand, *, back: str, now: datetime
) -> str:
    """Where the browser goes. Raises NotSignedInThere."""
    metadata = await directory.metadata(provider.issuer, now)
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": SCOPES,
        "state": errand.state,
        "nonce": errand.nonce,
        "code_challenge": create_s256_code_challenge(errand.verifier),
        "code_challenge_method": "S256",
    }
    if provider.acr_values:
        asked["acr_values"] = provider.acr_values[0]
    if errand.reason is Reason.PROVE:
        asked |= {"prompt": "login", "max_age": "0"}
    return str(add_params_to_uri(metadata.authorization_endpoint, list(asked.items())))


async def returned(
    directory: Directory,
    provider: IdentityProvider,
    errand: Errand,
    answer: Mapping[str, str],
    *,
    secret: str | None,
    back: str,
    now: datetime,
) -> Told:
    """Who signed in there, by the answer that the browser brings. Raises NotSignedInThere."""
    if not hmac.compare_digest(answer.get("state", "").encode(), errand.state.encode()):
        raise NotSignedInThere("the answer belongs to another sign-in (state)")
    metadata = await directory.metadata(provider.issuer, now)
    named = answer.get("iss")
    if named != provider.issuer and (named is not None or metadata.names_issuer):
        raise NotSignedInThere("the answer is another provider's (iss)")
    if "error" in answer:
        said = answer["error"][:60].encode("ascii", "replace").decode()
        raise NotSignedInThere(f"the provider refused: {said}")
    code = answer.get("code")
    if not code:
        raise NotSignedInThere("the answer holds no code")
    token = await _exchanged(
        directory.client, metadata.token_endpoint, provider, secret, code, errand.verifier, back
    )
    told = await judged(directory, provider, token, nonce=errand.nonce, now=now)
    if errand.reason is Reason.PROVE and (
        told.authenticated_at is None or now - told.authenticated_at > RECENT
    ):
        raise NotSignedInThere("the person did not sign in anew (auth_time)")
    return told


async def _exchanged(
    client: httpx2.AsyncClient,
    url: str,
    provider: IdentityProvider,
    secret: str | None,
    code: str,
    verifier: str,
    back: str,
) -> object:
    # Never closed: its transport is the process's own.
    oauth = AsyncOAuth2Client(
        client_id=provider.client_id,
        client_secret=secret,
        token_endpoint_auth_method="client_secret_post" if secret else "none",
        transport=client._transport,
        trust_env=False,
        timeout=None,
    )
    try:
        answer = await oauth.fetch_token(
            url,
            grant_type="authorization_code",
            code=code,
            code_verifier=verifier,
            redirect_uri=back,
        )
    except OAuthError as error:
        raise NotSignedInThere(f"the code was refused: {str(error.error)[:60]}") from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise NotSignedInThere(f"{url} does not answer: {type(error).__name__}") from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise NotSignedInThere(f"{url} answers no token") from error
    return answer.get("id_token")
