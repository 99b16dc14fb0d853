"""A supplier's system to send to: its authorization server and its webhook endpoint in one process.

For the demonstration and the journeys. It shares no code with the hub, so that it can judge it: it
verifies tokens and signatures by itself, tells doubles by `webhook-id`, and reports what came.
"""

import base64
import hmac
import json
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from urllib.parse import unquote_plus

import uvicorn
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SCOPE = "events.write"
LONGEST_BODY = 100_000


@dataclass
class Inbox:
    """What the supplier's system knows: its client, its tokens, and the events it took."""

    client_id: str
    client_secret: str = field(repr=False)
    signing_secret: str = field(repr=False)
    fail_first: int = 0
    fail_status: int = 422
    token_seconds: int = 60
    retry_after: str | None = None
    """Sent with every answer that fails on purpose."""
    tokens: dict[str, float] = field(default_factory=dict, repr=False)
    tokens_issued: int = 0
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By `webhook-id`, in the order they came."""
    duplicates: int = 0
    failed: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def report(self) -> dict[str, Any]:
        """Counts by type, each stream's numbers as they came, and the streams out of order."""
        streams: dict[str, list[int]] = {}
        for event in self.events.values():
            streams.setdefault(event["data"]["stream"], []).append(event["data"]["seq"])
        out_of_order = sorted(
            name for name, seqs in streams.items() if any(b <= a for a, b in pairwise(seqs))
        )
        return {
            "received": len(self.events),
            "by_type": dict(Counter(event["type"] for event in self.events.values())),
            "streams": streams,
            "out_of_order": out_of_order,
            "duplicates": self.duplicates,
            "failed_on_purpose": self.failed,
            "refused": dict(self.refused),
            "tokens_issued": self.tokens_issued,
        }


def create_receiver(inbox: Inbox) -> Starlette:
    """The supplier's system as an application: POST /token, POST /events, GET /report."""
    routes = [
        Route("/token", _Token(inbox).answer, methods=["POST"]),
        Route("/events", _Events(inbox).answer, methods=["POST"]),
        Route("/report", lambda request: JSONResponse(inbox.report())),
    ]
    return Starlette(routes=routes)


def serve(
    port: int,
    client_id: str,
    client_secret: str,
    signing_secret: str,
    fail_first: int = 0,
    *,
    fail_status: int = 422,
    token_seconds: int = 60,
) -> None:
    """Serve on 127.0.0.1 until a signal.

    The first `fail_first` events are answered with `fail_status`: 422 makes the hub give them up,
    for a person to replay; 500 makes it try again by itself.
    """
    inbox = Inbox(client_id, client_secret, signing_secret, fail_first, fail_status, token_seconds)
    uvicorn.run(create_receiver(inbox), host="127.0.0.1", port=port, log_level="warning")


class _Token:
    """The token endpoint: client credentials only (RFC 6749 section 4.4)."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox

    async def answer(self, request: Request) -> Response:
        form = await request.form()
        if not self._knows(request.headers.get("authorization", "")):
            self.inbox.refused["client"] += 1
            return JSONResponse(
                {"error": "invalid_client"}, 401, {"WWW-Authenticate": 'Basic realm="token"'}
            )
        if form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        if form.get("scope") not in (None, "", SCOPE):
            return JSONResponse({"error": "invalid_scope"}, 400)
        token = secrets.token_urlsafe(32)
        self.inbox.tokens[token] = time.monotonic() + self.inbox.token_seconds
        self.inbox.tokens_issued += 1
        return JSONResponse(
            {
                "access_token": token,
                "token_type": "Bearer",
                "expires_in": self.inbox.token_seconds,
                "scope": SCOPE,
            },
            headers={"Cache-Control": "no-store"},
        )

    def _knows(self, header: str) -> bool:
        scheme, _, encoded = header.partition(" ")
        try:
            pair = base64.b64decode(encoded, validate=True).decode()
        except ValueError:
            return False
        # Both sides of the colon are form-encoded: RFC 6749 section 2.3.1.
        given_id, _, given_secret = (unquote_plus(part) for part in pair.partition(":"))
        id_fits = hmac.compare_digest(given_id.encode(), self.inbox.client_id.encode())
        secret_fits = hmac.compare_digest(given_secret.encode(), self.inbox.client_secret.encode())
        return scheme.lower() == "basic" and id_fits and secret_fits


class _Events:
    """The webhook endpoint."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox

    async def answer(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or self.inbox.tokens.get(token, 0) < time.monotonic():
            return self._refuse("token", 401)
        body = await request.body()
        if len(body) > LONGEST_BODY:
            return self._refuse("size", 413)
        try:
            event = self._verified(body, request)
        except (WebhookVerificationError, ValueError, KeyError, TypeError):
            return self._refuse("signature", 400)
        if self.inbox.failed < self.inbox.fail_first:
            self.inbox.failed += 1
            after = self.inbox.retry_after
            headers = {"Retry-After": after} if after is not None else None
            return JSONResponse({"error": "told to fail"}, self.inbox.fail_status, headers)
        key = request.headers["webhook-id"]
        if key in self.inbox.events:
            self.inbox.duplicates += 1
        else:
            self.inbox.events[key] = event
        return JSONResponse({"accepted": key})

    def _verified(self, body: bytes, request: Request) -> dict[str, Any]:
        Webhook(self.inbox.signing_secret).verify(body, dict(request.headers), json_parse=False)
        event: dict[str, Any] = json.loads(body)
        data = event["data"]
        parts = (event["type"], str), (data["stream"], str), (data["seq"], int)
        if not all(isinstance(value, kind) for value, kind in parts):
            raise ValueError("this is not an event")
        return event

    def _refuse(self, why: str, status: int) -> Response:
        self.inbox.refused[why] += 1
        return JSONResponse({"error": f"bad {why}"}, status)
