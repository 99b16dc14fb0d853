"""What the authorization server says, before it becomes an HTTP response."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidClientError
from starlette.responses import Response

CHALLENGE = 'Basic realm="InnoHub", charset="UTF-8"'
UNCACHED = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]


class ClientRefused(InvalidClientError):
    """One answer for an unknown client, a wrong secret and a malformed header."""

    def __init__(self) -> None:
        super().__init__("Client authentication failed.", status_code=401)

    def get_headers(self) -> list[tuple[str, str]]:
        # Past Authlib's own, whose challenge lacks the realm that RFC 7617 requires.
        headers = super(InvalidClientError, self).get_headers()
        return [*headers, ("WWW-Authenticate", CHALLENGE)]


class ProofRefused(OAuth2Error):
    """RFC 9449 5."""

    error = "invalid_dpop_proof"


@dataclass(frozen=True)
class Answer:
    """A status, a JSON object and headers; Authlib's headers forbid storing it."""

    status: int
    body: Mapping[str, Any]
    headers: Collection[tuple[str, str]]

    @classmethod
    def of_error(cls, error: OAuth2Error) -> "Answer":
        status, body, headers = error(None)
        return cls(status, body, headers)

    @property
    def outcome(self) -> str:
        """`ok`, or the RFC's error code."""
        return str(self.body.get("error", "ok"))

    def response(self) -> Response:
        return Response(json.dumps(self.body), self.status, dict(self.headers))
