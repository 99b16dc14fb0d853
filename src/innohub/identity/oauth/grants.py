"""The grants that the hub gives."""

from typing import Any

from authlib.oauth2.rfc6749 import (
    BaseGrant,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    TokenEndpointMixin,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from innohub.identity.models import ClientProof
from innohub.identity.oauth import families
from innohub.identity.oauth.families import Family, Reused, Shown, TooMuch
from innohub.identity.oauth.storage import AUTH_METHODS, PUBLIC, RegisteredClient


class ClientCredentials(ClientCredentialsGrant):
    """A machine acts for its own organisation (RFC 6749 4.4)."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS


class _OfFamily(BaseGrant, TokenEndpointMixin):
    """A grant that goes back to a person's consent."""

    TOKEN_ENDPOINT_AUTH_METHODS = [*AUTH_METHODS, PUBLIC]
    family: Family
    scope: str

    def validate_token_request(self) -> None:
        client: RegisteredClient = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError("The client may not use this grant.")
        self.request.client = client
        try:
            family = self.continued(client)
        except Reused:
            self.server.note_reuse(client)
            family = None
        if family is None:
            raise InvalidGrantError("What was shown is unknown, was used, or has ended.")
        self.family = family

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        client, begins = self.request.client, self.GRANT_TYPE == AuthorizationCode.GRANT_TYPE
        token = self.server.issue_for_person(client, self.family, self.scope, at_sign_in=begins)
        return 200, token, self.TOKEN_RESPONSE_HEADER

    def continued(self, client: RegisteredClient) -> Family | None:
        """Raises Reused."""
        raise NotImplementedError

    def by(self, client: RegisteredClient) -> Shown:
        public = client.row.proof is ClientProof.NONE
        return Shown(client.row.id, public, self.server.thumbprint)

    def shown(self, name: str) -> str:
        value: str | None = self.request.form.get(name)
        if value is None:
            raise InvalidRequestError(f"{name} is missing.")
        return value


class AuthorizationCode(_OfFamily):
    """RFC 6749 4.1 with PKCE (RFC 7636), which nobody is let off."""

    GRANT_TYPE = "authorization_code"

    def continued(self, client: RegisteredClient) -> Family | None:
        family = families.redeem(
            self.server.session,
            self.by(client),
            code=self.shown("code"),
            redirect_uri=self.shown("redirect_uri"),
            verifier=self.shown("code_verifier"),
            now=self.server.terms.now,
        )
        self.scope = family.scope if family else ""
        return family


class RefreshToken(_OfFamily):
    """RFC 6749 6: each refresh token counts once, and is changed for the next."""

    GRANT_TYPE = "refresh_token"

    def continued(self, client: RegisteredClient) -> Family | None:
        token, wanted = self.shown("refresh_token"), self.request.form.get("scope")
        asked = wanted.split(" ") if wanted else []
        try:
            family = families.refresh(
                self.server.session,
                self.by(client),
                token=token,
                asked=asked,
                now=self.server.terms.now,
            )
        except TooMuch:
            raise InvalidScopeError("A refresh asks for no more than was granted.") from None
        self.scope = " ".join(dict.fromkeys(asked)) or (family.scope if family else "")
        return family
