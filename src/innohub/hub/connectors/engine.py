"""Runs one request of a connector's manifest: builds it, signs it, sends it, and says what the
answer means. Never raises for anything that the other side does."""

import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import httpx2
from standardwebhooks.webhooks import Webhook

from innohub.db.unit_of_work import Clock, utc_now
from innohub.hub.connectors.answers import (
    Document,
    classify,
    document_of,
    failure,
    remote_of,
    rest_of,
    value,
    whole,
)
from innohub.hub.connectors.calls import Call, RecordCall, Returns
from innohub.hub.connectors.contract import Outcome, OutcomeClass, Remote, Secrets
from innohub.hub.connectors.manifest import Manifest
from innohub.hub.connectors.templates import addressed, render
from innohub.hub.wire import redaction
from innohub.hub.wire.outbound import DEADLINE, MOST_BYTES, Outbound
from innohub.telemetry import tracing

USER_AGENT = "InnoHub/0.1"
ABSENT = Remote(None, None, None)


@dataclass(frozen=True)
class Exchange:
    """One request and what came back, as the log shows it."""

    outcome: Outcome
    started_at: datetime
    ms: int
    request_id: str
    status: int | None = None
    request_headers: dict[str, str] = field(default_factory=dict)
    request_excerpt: str = ""
    response_excerpt: str = ""
    mapping_version: int | None = None


@dataclass(frozen=True)
class Answered:
    """An exchange, with what the answer told of their record."""

    exchange: Exchange
    remote: Remote = ABSENT
    count: int | None = None
    """Of a look-up: how many records carry the key, where the system says."""
    document: Document = field(default_factory=dict)
    """All that the expressions of a manifest see of the answer; nothing where none came."""


@dataclass(frozen=True)
class Prepared:
    """A request ready to be sent, but for the proof of who sends it."""

    call: Call
    values: Mapping[str, Any]
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    signed_as: str | None = None
    """The `webhook-id`, where the manifest has requests signed."""


class Engine:
    """Sends through the hardened transport. `clock` stamps requests: receivers compare it."""

    def __init__(self, outbound: Outbound, *, clock: Clock = utc_now) -> None:
        self._outbound = outbound
        self._clock = clock

    async def ask(self, manifest: Manifest, prepared: Prepared, secrets: Secrets) -> Answered:
        """Send one request of the manifest and read its answer."""
        with tracing.span(prepared.call.method, "CLIENT") as span:
            answered = await self._ask(manifest, prepared, secrets)
            outcome, status = answered.exchange.outcome.kind, answered.exchange.status
            tracing.note(span, {"innohub.outcome": outcome.value})
            if status is not None:
                tracing.note(span, {"http.response.status_code": status})
            if outcome is not OutcomeClass.OK:
                tracing.failed(span, outcome.value)
            return answered

    async def _ask(self, manifest: Manifest, prepared: Prepared, secrets: Secrets) -> Answered:
        started_at, began = self._clock(), time.monotonic()
        headers = self._headers(prepared, secrets)
        reply = _too_long(prepared) or await self._reply(manifest, prepared, headers)
        exchange = Exchange(
            outcome=reply.outcome,
            started_at=started_at,
            ms=round((time.monotonic() - began) * 1000),
            request_id=headers["x-request-id"],
            status=reply.status,
            request_headers=redaction.headers(headers),
            request_excerpt=redaction.excerpt(prepared.body or b"", secrets.values()),
            response_excerpt=redaction.excerpt(reply.content, secrets.values()),
        )
        return Answered(exchange, reply.remote, reply.count, reply.document)

    def _headers(self, prepared: Prepared, secrets: Secrets) -> dict[str, str]:
        headers = {
            name.lower(): str(render(text, prepared.values) or "")
            for name, text in prepared.call.headers.items()
        }
        headers.setdefault("accept", "*/*")
        headers |= {
            "user-agent": USER_AGENT,
            "x-request-id": os.urandom(16).hex(),
            **prepared.headers,
        }
        trace = tracing.traceparent()
        if trace is not None:
            headers[tracing.HEADER] = trace
        if prepared.body is not None:
            headers.setdefault("content-type", "application/json")
        if prepared.signed_as is not None:
            body = prepared.body or b""
            headers |= sign(prepared.signed_as, self._clock(), body, secrets.signing)
        if secrets.access_token is not None:
            headers["authorization"] = f"Bearer {secrets.access_token}"
        return headers

    async def _reply(
        self, manifest: Manifest, prepared: Prepared, headers: dict[str, str]
    ) -> "_Reply":
        try:
            # Whole as it is: the client has no headers, cookies or proof of its own to put in.
            request = httpx2.Request(
                prepared.call.method,
                _url(addressed(prepared.call.url, prepared.values, manifest.addresses)),
                headers=headers,
                content=prepared.body,
                extensions={
                    DEADLINE: prepared.call.timeout_seconds,
                    MOST_BYTES: prepared.call.answer_bytes,
                },
            )
            # By the hardened transport itself: the client around it would only go through what it
            # was told not to do, as to redirect, or to keep cookies.
            answer = await self._outbound.handle_async_request(request)
        except (httpx2.TransportError, httpx2.InvalidURL, UnicodeError) as error:
            return _Reply(failure(error))
        now, seen, call = self._clock(), document_of(answer), prepared.call
        returns = call.returns if isinstance(call, RecordCall) else Returns()
        outcome = classify(manifest.answers, answer, seen, now)
        return _Reply(
            outcome.resting(rest_of(manifest.limits, seen, now)),
            answer.status_code,
            answer.content,
            remote_of(returns, seen),
            whole(value(returns.count, seen)),
            seen,
        )


@lru_cache(maxsize=1_024)
def _url(address: str) -> httpx2.URL:
    """Parsed once: most connections send everything to one address. Raises httpx2.InvalidURL."""
    return httpx2.URL(address)


@dataclass(frozen=True)
class _Reply:
    outcome: Outcome
    status: int | None = None
    content: bytes = b""
    remote: Remote = ABSENT
    count: int | None = None
    document: Document = field(default_factory=dict)


def sign(key: str, at: datetime, body: bytes, secrets: tuple[str, ...]) -> dict[str, str]:
    """The headers of Standard Webhooks, with one signature for each secret that is alive."""
    text = body.decode()
    signatures = [_signer(secret).sign(key, at.astimezone(UTC), text) for secret in secrets]
    return {
        "webhook-id": key,
        "webhook-timestamp": str(math.floor(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


@lru_cache(maxsize=1_024)
def _signer(secret: str) -> Webhook:
    """Made once for each secret in use: decoding it costs four times as much as signing by it."""
    return Webhook(secret)


def _too_long(prepared: Prepared) -> _Reply | None:
    size, most = len(prepared.body or b""), prepared.call.max_body_bytes
    if size <= most:
        return None
    told = f"The event has {size} bytes; this connector sends at most {most}."
    return _Reply(Outcome(OutcomeClass.REJECTED, told))
