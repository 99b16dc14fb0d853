"""The authorization server: Authlib's, bound to one request's session, with its gaps closed.

Further grants, endpoints and ways of client authentication are registered in `__init__`, as the
ones here are.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from authlib.oauth2 import AuthorizationServer, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import (
    BaseGrant,
    InvalidClientError,
    InvalidRequestError,
    InvalidScopeError,
)
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from sqlalchemy.orm import Session

from innohub.identity.oauth import credentials, storage
from innohub.identity.oauth.answers import Answer, ClientRefused
from innohub.identity.oauth.credentials import Presented
from innohub.identity.oauth.endpoints import Introspection, Revocation
from innohub.identity.oauth.grants import ClientCredentials
from innohub.identity.oauth.storage import RegisteredClient
from innohub.identity.tokens import Prefix, new_token

logging.getLogger("authlib").setLevel(logging.INFO)  # at DEBUG it writes out issued tokens

QueryClient = Callable[[str], RegisteredClient | None]


@dataclass(frozen=True)
class Terms:
    """What the server needs to know of the hub."""

    issuer: str
    lifetime: timedelta
    now: datetime


class HubServer(AuthorizationServer):
    """Lives for one request."""

    def __init__(self, session: Session, terms: Terms) -> None:
        super().__init__(scopes_supported=storage.supported_scopes())
        self.session = session
        self.terms = terms
        self.client: RegisteredClient | None = None
        """Who authenticated in this request."""
        seconds = int(terms.lifetime.total_seconds())
        self.register_token_generator(
            "default", BearerTokenGenerator(_access_token, None, lambda *_: seconds)
        )
        self.register_client_auth_method("client_secret_basic", _by(credentials.from_basic))
        self.register_client_auth_method("client_secret_post", _by(credentials.from_body))
        self.register_grant(ClientCredentials)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)

    def answer_token(self, request: OAuth2Request) -> Answer:
        try:
            return cast(Answer, self.create_token_response(request))
        except OAuth2Error as error:
            return Answer.of_error(error)

    def answer_endpoint(self, name: str, request: OAuth2Request) -> Answer:
        """`name` is an endpoint's ENDPOINT_NAME."""
        return cast(Answer, self.create_endpoint_response(name, request))

    # What follows is called by Authlib.

    def query_client(self, client_id: str) -> RegisteredClient | None:
        return storage.find_client(self.session, client_id, self.terms.now)

    def authenticate_client(
        self, request: OAuth2Request, methods: Collection[str], endpoint: str = "token"
    ) -> RegisteredClient:
        """Raises InvalidRequestError for two ways at once, else ClientRefused."""
        credentials.refuse_ambiguous(request)
        try:
            client = super().authenticate_client(request, methods, endpoint)
        except InvalidClientError:
            raise ClientRefused from None
        self.client = cast(RegisteredClient, client)
        return self.client

    def get_token_grant(self, request: OAuth2Request) -> BaseGrant:
        if "grant_type" not in request.form:
            raise InvalidRequestError("grant_type is missing.")
        return super().get_token_grant(request)

    def validate_requested_scope(self, scope: str | None) -> None:
        """Scopes are separated by one space each (RFC 6749 3.3); none of them may be unknown."""
        if scope and not set(scope.split(" ")) <= set(self.scopes_supported or ()):
            raise InvalidScopeError("A requested scope is unknown.")

    def save_token(self, token: dict[str, str | int], request: OAuth2Request) -> None:
        storage.store_access_token(
            self.session,
            cast(RegisteredClient, request.client),
            str(token["access_token"]),
            scope=str(token["scope"]),
            now=self.terms.now,
            lifetime=self.terms.lifetime,
        )

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Authlib's announcements are not used: the routes log what was answered."""

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(
        self, status: int, body: Mapping[str, Any], headers: Collection[tuple[str, str]]
    ) -> Answer:
        return Answer(status, body, headers)

    def handle_error_response(self, request: OAuth2Request, error: OAuth2Error) -> Answer:
        return Answer.of_error(error)


def _by(
    read: Callable[[OAuth2Request], Presented | None],
) -> Callable[[QueryClient, OAuth2Request], RegisteredClient | None]:
    """A way of client authentication by secret, in the shape that Authlib registers."""

    def authenticate(query_client: QueryClient, request: OAuth2Request) -> RegisteredClient | None:
        presented = read(request)
        if presented is None:
            return None
        client = query_client(presented.client_id)
        right = credentials.matches(presented, client.secret_hashes if client else ())
        return client if right else None

    return authenticate


def _access_token(**_: object) -> str:
    return new_token(Prefix.ACCESS)
