"""What a client asks of a person's browser at `/oauth/authorize`, read strictly.

Until the client and the address to send people back to are beyond doubt, nothing leads away from
the hub; from then on every refusal goes back there, as RFC 6749 4.1.2.1 asks, with our name on it
(RFC 9207).
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError

from innohub.db.unit_of_work import Database
from innohub.errors import InnoHubError
from innohub.identity.oauth import pushing, redirects, storage
from innohub.identity.oauth.families import CHALLENGE
from innohub.identity.oauth.form import MOST_FIELDS
from innohub.identity.oauth.storage import RegisteredClient

LONGEST_STATE = 2000
PROMPTS = frozenset({"none", "login", "consent", "select_account"})
_TEXT = re.compile(r"[\x20-\x7e]*")


class Unusable(InnoHubError):
    """Nobody can be sent back anywhere: the person is told, and the client's makers have to act."""

    code: ClassVar[str] = "invalid_request"
    status: ClassVar[int] = 400


class SentBack(Exception):
    """A refusal that the client is told of."""

    def __init__(self, back: "Back", error: str, description: str) -> None:
        super().__init__(description)
        self.back, self.error, self.description = back, error, description

    def address(self, issuer: str) -> str:
        told = {"error": self.error, "error_description": self.description}
        return self.back.address(issuer, told)


@dataclass(frozen=True)
class Back:
    """Where a person is sent back to, and what the client wants to find there again."""

    redirect_uri: str
    state: str | None

    def address(self, issuer: str, told: dict[str, str]) -> str:
        state = {} if self.state is None else {"state": self.state}
        joint = "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{joint}{urlencode({**told, **state, 'iss': issuer})}"


@dataclass(frozen=True)
class Asked:
    """An authorization request that may be put to a person."""

    client: RegisteredClient
    back: Back
    scope: str
    code_challenge: str
    nonce: str | None
    prompts: frozenset[str]
    max_age: int | None
    """Seconds since the person proved who they are."""
    key_thumbprint: str | None
    """Of the key to which the code is bound (RFC 9449 10)."""
    pushed_id: int | None = None
    """The request that was handed over beforehand, where it was: it is answered once."""

    def refused(self, error: str, description: str) -> SentBack:
        return SentBack(self.back, error, description)


async def understood(database: Database, query: str, now: datetime) -> Asked:
    """Raises Unusable, then SentBack."""
    given, repeated = _parameters(query)
    client = await _client(database, given.get("client_id", ""), now)
    request_uri = given.get("request_uri", "")
    if not request_uri.startswith(pushing.PREFIX):
        asked = _judged(client, given, repeated)
        if client.row.par_required:
            raise asked.refused("invalid_request", "This client hands its requests over first.")
        return asked
    if repeated:
        raise Unusable("The program that sent you here asked for two things at once.")
    async with database.session() as session:
        pushed = await pushing.found(session, client.row.id, request_uri, now)
    if pushed is None:
        raise Unusable("This request is over, or was answered. Start again in the program.")
    return replace(_judged(client, *_parameters(pushed.query)), pushed_id=pushed.id)


def pushed_by(
    client: RegisteredClient, given: dict[str, str], thumbprint: str | None
) -> dict[str, str]:
    """What a client hands over beforehand, bound to the key it proved to hold. Raises OAuth2Error
    for what would be refused at the browser."""
    if thumbprint is not None and given.setdefault("dpop_jkt", thumbprint) != thumbprint:
        raise InvalidRequestError("dpop_jkt and the DPoP proof name two keys.")
    try:
        _judged(client, {**given, "client_id": client.get_client_id()}, set())
    except Unusable as error:
        raise InvalidRequestError(error.message) from None
    except SentBack as refused:
        raise OAuth2Error(refused.description, error=refused.error) from None
    return {**given, "client_id": client.get_client_id()}


def _judged(client: RegisteredClient, given: dict[str, str], repeated: set[str]) -> Asked:
    """Raises Unusable, then SentBack."""
    redirect_uri = given.get("redirect_uri", "")
    if {"client_id", "redirect_uri"} & repeated:
        raise Unusable("The program that sent you here named itself twice.")
    if not redirects.fits(client.row.redirect_uris, redirect_uri):
        raise Unusable(
            f"{client.row.name} sent you here with an address to return to that it did not "
            "register. If you came from a link in a message, do not use that link again."
        )
    state = given.get("state")
    if not _plain(state or ""):
        raise SentBack(Back(redirect_uri, None), "invalid_request", "state is too long or odd.")
    back = Back(redirect_uri, state)
    if repeated:
        raise SentBack(back, "invalid_request", "A parameter is given more than once.")
    return _asked(client, back, given)


def _asked(client: RegisteredClient, back: Back, given: dict[str, str]) -> Asked:
    """Raises SentBack, for the first of what is wrong."""
    for error, description in _wrong(given):
        raise SentBack(back, error, description)
    try:
        scope = client.scope_for_person(given.get("scope"))
    except InvalidScopeError as error:
        raise SentBack(back, "invalid_scope", error.description) from None
    age = given.get("max_age")
    return Asked(
        client,
        back,
        scope,
        given["code_challenge"],
        given.get("nonce"),
        frozenset(given.get("prompt", "").split()),
        None if age is None else int(age),
        given.get("dpop_jkt"),
    )


def _wrong(given: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What speaks against a request, whoever it comes from: errors of RFC 6749 and OpenID Connect
    Core 3.1.2.6, with what a developer has to know."""
    for name in ("request", "request_uri", "registration"):
        if name in given:
            yield f"{name}_not_supported", f"{name} is not supported."
    if "response_type" not in given:
        yield "invalid_request", "response_type is missing."
    elif given["response_type"] != "code":
        yield "unsupported_response_type", "response_type must be code."
    if given.get("response_mode", "query") != "query":
        yield "invalid_request", "response_mode must be query."
    if given.get("code_challenge_method") != "S256":
        yield "invalid_request", "PKCE is required: code_challenge_method must be S256."
    if not CHALLENGE.fullmatch(given.get("code_challenge", "")):
        yield "invalid_request", "PKCE is required: code_challenge is missing or malformed."
    if not CHALLENGE.fullmatch(given.get("dpop_jkt", "x" * 43)):
        yield "invalid_request", "dpop_jkt is the thumbprint of a key."
    yield from _wrong_of_openid(given)


def _wrong_of_openid(given: dict[str, str]) -> Iterator[tuple[str, str]]:
    prompts = set(given.get("prompt", "").split())
    if not prompts <= PROMPTS or ("none" in prompts and len(prompts) > 1):
        yield "invalid_request", "prompt is unknown, or none beside another."
    if not _plain(given.get("nonce", "")):
        yield "invalid_request", "nonce is too long or odd."
    if not re.fullmatch(r"[0-9]{1,9}", given.get("max_age", "0")):
        yield "invalid_request", "max_age is a number of seconds."


def _plain(text: str) -> bool:
    return len(text) <= LONGEST_STATE and _TEXT.fullmatch(text) is not None


def _parameters(query: str) -> tuple[dict[str, str], set[str]]:
    """The parameters that have a value, and the names of those given more than once."""
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise Unusable("The program that sent you here asked in a way we cannot read.") from None
    counts = Counter(name for name, _ in pairs)
    return (
        {name: value for name, value in pairs if value},
        {name for name, count in counts.items() if count > 1},
    )


async def _client(database: Database, client_id: str, now: datetime) -> RegisteredClient:
    async with database.session() as session:
        client = await session.run_sync(lambda sync: storage.find_client(sync, client_id, now))
    if client is None:
        raise Unusable(
            "We do not know the program that sent you here, or it may no longer be used."
        )
    return client
