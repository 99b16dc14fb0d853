"""The authorization server: Authlib's, bound to one request's session, with its gaps closed.

Further grants, endpoints and ways of client authentication are registered in `__init__`, as the
ones here are.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

import structlog
from authlib.oauth2 import AuthorizationServer, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import (
    BaseGrant,
    InvalidClientError,
    InvalidRequestError,
    InvalidScopeError,
)
from sqlalchemy.orm import Session

from innohub.identity.oauth import (
    access_tokens,
    authorising,
    credentials,
    issuing,
    openid,
    proofs,
    pushing,
    storage,
)  # fmt: skip
from innohub.identity.oauth.access_tokens import AccessToken
from innohub.identity.oauth.answers import UNCACHED, Answer, ClientRefused, ProofRefused
from innohub.identity.oauth.credentials import Presented
from innohub.identity.oauth.endpoints import Introspection, Revocation
from innohub.identity.oauth.families import Family
from innohub.identity.oauth.grants import AuthorizationCode, ClientCredentials, RefreshToken
from innohub.identity.oauth.issuing import Terms
from innohub.identity.oauth.openid import IdentityScope
from innohub.identity.oauth.proofs import Asserted, Held
from innohub.identity.oauth.storage import IssuedToken, RegisteredClient

logging.getLogger("authlib").setLevel(logging.INFO)  # at DEBUG it writes out issued tokens

log = structlog.get_logger(__name__)

QueryClient = Callable[[str], RegisteredClient | None]


@dataclass(frozen=True)
class Brought:
    """What came with a request and was verified beforehand, without its transaction."""

    token: AccessToken | None = None
    """The request's `token`, where that is an access token of ours."""
    asserted: Asserted | None = None
    held: Held | None = None


class HubServer(AuthorizationServer):
    """Lives for one request."""

    def __init__(self, session: Session, terms: Terms, brought: Brought) -> None:
        super().__init__(scopes_supported=storage.supported_scopes())
        self.session = session
        self.terms = terms
        self._brought = brought
        self.thumbprint: str | None = None
        """Of the key that the client proved to hold: what is issued is bound to it."""
        self.client: RegisteredClient | None = None
        """Who authenticated in this request."""
        self.register_token_generator("default", self._issue)
        self.register_client_auth_method("client_secret_basic", _by(credentials.from_basic))
        self.register_client_auth_method("client_secret_post", _by(credentials.from_body))
        self.register_client_auth_method(storage.BY_KEY, self._by_key)
        self.register_client_auth_method(storage.PUBLIC, _public)
        for grant in (AuthorizationCode, ClientCredentials, RefreshToken):
            self.register_grant(grant)
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

    def token_shown(self) -> IssuedToken | None:
        if self._brought.token is None:
            return None
        return storage.judged(self.session, self._brought.token, self.terms.now)

    def answer_pushed(self, request: OAuth2Request) -> Answer:
        """RFC 9126: judged now as it would be at the browser, and kept under a name."""
        try:
            methods = [*storage.AUTH_METHODS, storage.PUBLIC]
            client = self.authenticate_client(request, methods, "pushed_request")
            given = authorising.pushed_by(client, dict(request.form), self.thumbprint)
        except OAuth2Error as error:
            return Answer.of_error(error)
        name = pushing.store(self.session, client.row.id, given, self.terms.now)
        lives = int(pushing.LIVES.total_seconds())
        return Answer(201, {"request_uri": name, "expires_in": lives}, UNCACHED)

    def _issue(
        self, client: RegisteredClient, scope: str | None = None, **_: object
    ) -> dict[str, str | int]:
        """An access token for the client itself (RFC 9068). Raises InvalidScopeError."""
        granted = client.get_allowed_scope(scope)
        return self._bearer(issuing.of_client(self.terms, client.row, granted))

    def issue_for_person(
        self, client: RegisteredClient, family: Family, scope: str, *, at_sign_in: bool
    ) -> dict[str, str | int]:
        """The tokens of somebody who let the client act for them, with an ID token where that was
        granted: also at a refresh, which tells the client how old the proof has become."""
        claims = issuing.of_person(self.terms, client.row, family, scope)
        issued = {**self._bearer(claims), "refresh_token": family.refresh_token}
        if IdentityScope.OPENID in scope.split():
            key = self.terms.keys.signing(self.session, self.terms.now)
            token = str(issued["access_token"])
            issued["id_token"] = openid.id_token(
                self.terms, key, client.row, family, token, at_sign_in=at_sign_in
            )
        return issued

    def note_reuse(self, client: RegisteredClient) -> None:
        """A code or a refresh token came twice: one of the two who showed it has stolen it."""
        log.warning("oauth.reused", client_id=client.get_client_id())

    def _bearer(self, claims: dict[str, Any]) -> dict[str, str | int]:
        key = self.terms.keys.signing(self.session, self.terms.now)
        bound = {"cnf": {"jkt": self.thumbprint}} if self.thumbprint else {}
        return {
            "token_type": "DPoP" if bound else "Bearer",
            "access_token": access_tokens.signed(key, {**claims, **bound}),
            "expires_in": int(self.terms.lifetime.total_seconds()),
            "scope": claims["scope"],
        }

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
        self._bind(self.client, endpoint)
        return self.client

    def _bind(self, client: RegisteredClient, endpoint: str) -> None:
        """Raises ProofRefused where a proof is missing, or came before."""
        held = self._brought.held
        if held is None:
            if client.row.dpop_bound and endpoint == "token":
                raise ProofRefused("This client's tokens are bound to a key: send a DPoP proof.")
        elif not proofs.take_down(self.session, held, self.terms.now):
            raise ProofRefused("This DPoP proof came before.")
        else:
            self.thumbprint = held.thumbprint

    def _by_key(self, query_client: QueryClient, request: OAuth2Request) -> RegisteredClient | None:
        """By an assertion that was verified; it counts once."""
        asserted = self._brought.asserted
        if asserted is None:
            return None
        client = query_client(asserted.client_id)
        first = proofs.take_down(self.session, asserted, self.terms.now)
        return client if first else None

    def get_token_grant(self, request: OAuth2Request) -> BaseGrant:
        if "grant_type" not in request.form:
            raise InvalidRequestError("grant_type is missing.")
        return super().get_token_grant(request)

    def validate_requested_scope(self, scope: str | None) -> None:
        """Scopes are separated by one space each (RFC 6749 3.3); none of them may be unknown."""
        if scope and not set(scope.split(" ")) <= set(self.scopes_supported or ()):
            raise InvalidScopeError("A requested scope is unknown.")

    def save_token(self, token: dict[str, str | int], request: OAuth2Request) -> None:
        """An access token is stored nowhere: it carries what is to be known of it."""

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


def _public(query_client: QueryClient, request: OAuth2Request) -> RegisteredClient | None:
    """A client without a secret only names itself."""
    client_id = request.form.get("client_id")
    shown = "client_secret" in request.form or "authorization" in (request.headers or {})
    return None if client_id is None or shown else query_client(client_id)


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
