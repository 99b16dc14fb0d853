"""What a client may ask about, and do to, the tokens it was given."""

from typing import Any

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from innohub.identity.oauth import families, storage
from innohub.identity.oauth.storage import AUTH_METHODS, PUBLIC, IssuedToken, RegisteredClient


class Revocation(RevocationEndpoint):
    """RFC 7009. An unknown token is no error; another client's token is refused. A hint narrows
    nothing: both kinds are looked for."""

    CLIENT_AUTH_METHODS = [*AUTH_METHODS, PUBLIC]

    def check_params(self, request: OAuth2Request, client: RegisteredClient) -> None:
        _require_token(request)
        session, now = self.server.session, self.server.terms.now
        token = request.form["token"]
        if families.revoke(session, client_id=client.row.id, token=token, now=now):
            raise InvalidGrantError("This is another client's token.")

    def query_token(self, token_string: str, token_type_hint: str | None) -> IssuedToken | None:
        found: IssuedToken | None = self.server.token_shown()
        return found

    def revoke_token(self, token: IssuedToken, request: OAuth2Request) -> None:
        storage.revoke_token(self.server.session, token.token, self.server.terms.now)


class Introspection(IntrospectionEndpoint):
    """RFC 7662. A client may ask about its own tokens; any other is simply not active."""

    CLIENT_AUTH_METHODS = AUTH_METHODS

    def check_params(self, request: OAuth2Request, client: RegisteredClient) -> None:
        _require_token(request)

    def query_token(self, token_string: str, token_type_hint: str | None) -> IssuedToken | None:
        found: IssuedToken | None = self.server.token_shown()
        return found

    def check_permission(
        self, token: IssuedToken, client: RegisteredClient, request: OAuth2Request
    ) -> bool:
        return token.check_client(client)

    def introspect_token(self, token: IssuedToken) -> dict[str, Any]:
        told = ("client_id", "sub", "aud", "iss", "iat", "exp", "jti", "scope", "cnf", "sandbox")
        claims = token.token.claims
        return {
            "active": True,
            "token_type": "DPoP" if token.token.thumbprint else "Bearer",
            **{name: claims[name] for name in told if name in claims},
        }


def _require_token(request: OAuth2Request) -> None:
    if "token" not in request.form:
        raise InvalidRequestError("token is missing.")
