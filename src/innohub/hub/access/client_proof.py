"""How the hub proves to an authorization server which client it is: RFC 6749 section 2.3, RFC 7523
section 2.2, RFC 8705. Each way is a function as Authlib takes it."""

import base64
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, get_args
from urllib.parse import quote_plus

from authlib.common.urls import add_params_to_qs

from innohub.hub.access import assertions
from innohub.hub.access.token_answer import NotGranted
from innohub.hub.connectors.contract import Outcome, OutcomeClass
from innohub.hub.connectors.grants import BasicEncoding, TokenRequest
from innohub.hub.connectors.templates import config_values, render
from innohub.hub.wire.key_material import NotUsable

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
Headers = MutableMapping[str, str]
Prepared = tuple[str, Headers, Any]


@dataclass(frozen=True)
class Client:
    """What the hub is to one authorization server: the connection's settings and secrets."""

    config: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    """By their names in the manifest."""
    basic_encoding: str | None = None
    """What this server was found to take; None for one that has not answered yet."""

    @property
    def values(self) -> dict[str, Any]:
        return config_values(self.config)

    def id_for(self, grant: TokenRequest) -> str | None:
        """The client id; None where the grant needs none."""
        found = render(getattr(grant, "client_id", None), self.values)
        return str(found) if found else None


def encodings(grant: TokenRequest, client: Client) -> list[str | None]:
    """The encodings of HTTP Basic to try, in order: both where the server is new and they differ;
    None where the client proves itself otherwise."""
    if grant.client_auth != "client_secret_basic":
        return [None]
    if client.basic_encoding:
        return [client.basic_encoding]
    pair = (client.id_for(grant) or "", client.secrets.get("client_secret", ""))
    if all(quote_plus(part) == part for part in pair):
        return [grant.basic_encoding]
    first: list[str | None] = [grant.basic_encoding]
    return first + [other for other in get_args(BasicEncoding) if other not in first]


def proof(
    grant: TokenRequest, client: Client, encoding: str | None, token_url: str, now: datetime
) -> Any:
    """Raises NotGranted where the connection's key does not serve."""
    if grant.client_auth.startswith("client_secret"):
        with usable_keys():
            client.secrets["client_secret"]
        return by_basic if encoding == "rfc6749" else grant.client_auth
    if grant.client_auth == "private_key_jwt":
        client_id = client.id_for(grant) or ""
        with usable_keys():
            signed = assertions.for_client(
                grant.client_assertion, client_id, token_url, client.values, client.secrets, now
            )
        return _ByAssertion(signed)
    if grant.client_auth.endswith("tls_client_auth"):
        return "none"  # The handshake proves it; the body only names it.
    if grant.client_auth == "none" and client.id_for(grant) is None:
        return _unnamed
    return grant.client_auth


@contextmanager
def usable_keys() -> Iterator[None]:
    """Tells the supplier of a key that does not serve: only they can mend it."""
    try:
        yield
    except KeyError as missing:
        why = f"The secret {missing.args[0]} must be entered again."
        raise NotGranted(Outcome(OutcomeClass.AUTH_REVOKED, why)) from None
    except NotUsable as error:
        raise NotGranted(Outcome(OutcomeClass.AUTH_REVOKED, str(error))) from None


def by_basic(client: Any, method: str, uri: str, headers: Headers, body: Any) -> Prepared:
    """HTTP Basic with id and secret form-encoded first (section 2.3.1): Authlib leaves it out."""
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return uri, headers, body


class _ByAssertion:
    def __init__(self, signed: str) -> None:
        self._signed = signed

    def __call__(self, client: Any, method: str, uri: str, headers: Headers, body: Any) -> Prepared:
        shown = {
            "client_id": client.client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._signed,
        }
        return uri, headers, add_params_to_qs(body, list(shown.items()))


def _unnamed(client: Any, method: str, uri: str, headers: Headers, body: Any) -> Prepared:
    """The assertion in the body says all there is to say."""
    return uri, headers, body
