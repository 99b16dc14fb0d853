"""Runs a connector's manifest for one event: builds the request, signs it, sends it, and says what
the answer means. Never raises for anything that the other side does."""

import math
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
import orjson
from standardwebhooks.webhooks import Webhook

from innohub.db.unit_of_work import Clock, utc_now
from innohub.hub import redaction
from innohub.hub.contract import (
    Answers,
    Connector,
    DeliveryRequest,
    Manifest,
    Outcome,
    OutcomeClass,
    Secrets,
)
from innohub.hub.outbound import CUT, DEADLINE, Outbound, OutboundRefused
from innohub.hub.templates import render, values_of

USER_AGENT = "InnoHub/0.1"
LONGEST_WAIT_SECONDS = 24 * 3600.0
"""The most that a Retry-After is believed."""
NOTHING_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


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


class Engine:
    """Sends through the hardened transport. `clock` stamps requests: receivers compare it."""

    def __init__(self, outbound: Outbound, *, clock: Clock = utc_now) -> None:
        self._client = outbound.client
        self._clock = clock

    async def send(
        self, connector: Connector, request: DeliveryRequest, secrets: Secrets
    ) -> Exchange:
        """Carry one event into the system."""
        manifest, started_at, began = connector.manifest, self._clock(), time.monotonic()
        request_id = uuid.uuid4().hex
        values = values_of(request)
        body = orjson.dumps(render(dict(connector.body), values))
        headers = self._headers(manifest, request, secrets, body, values)
        headers["x-request-id"] = request_id
        status, received, outcome = None, b"", _too_long(manifest, body)
        if outcome is None:
            status, received, outcome = await self._exchange(manifest, values, headers, body)
        return Exchange(
            outcome=outcome,
            started_at=started_at,
            ms=round((time.monotonic() - began) * 1000),
            request_id=request_id,
            status=status,
            request_headers=redaction.headers(headers),
            request_excerpt=redaction.excerpt(body, secrets.values()),
            response_excerpt=redaction.excerpt(received, secrets.values()),
        )

    def _headers(
        self,
        manifest: Manifest,
        request: DeliveryRequest,
        secrets: Secrets,
        body: bytes,
        values: dict[str, Any],
    ) -> dict[str, str]:
        headers = {name.lower(): text for name, text in manifest.request.headers.items()}
        headers = {name: str(render(text, values) or "") for name, text in headers.items()}
        headers |= {"content-type": "application/json", "user-agent": USER_AGENT}
        if manifest.signature == "standard_webhooks":
            headers |= sign(request.external_key, self._clock(), body, secrets.signing)
        if secrets.access_token is not None:
            headers["authorization"] = f"Bearer {secrets.access_token}"
        return headers

    async def _exchange(
        self, manifest: Manifest, values: dict[str, Any], headers: dict[str, str], body: bytes
    ) -> tuple[int | None, bytes, Outcome]:
        try:
            answer = await self._client.request(
                manifest.request.method,
                str(render(manifest.request.url, values)),
                headers=headers,
                content=body,
                extensions={DEADLINE: manifest.request.timeout_seconds},
            )
        except (httpx2.TransportError, httpx2.InvalidURL, UnicodeError) as error:
            return None, b"", failure(error)
        outcome = classify(manifest.answers, answer, self._clock())
        return answer.status_code, answer.content, outcome


def sign(key: str, at: datetime, body: bytes, secrets: tuple[str, ...]) -> dict[str, str]:
    """The headers of Standard Webhooks, with one signature for each secret that is alive."""
    text = body.decode()
    signatures = [Webhook(secret).sign(key, at.astimezone(UTC), text) for secret in secrets]
    return {
        "webhook-id": key,
        "webhook-timestamp": str(math.floor(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def classify(answers: Answers, answer: httpx2.Response, now: datetime) -> Outcome:
    """What the status means by the manifest; a status it does not name is worth a retry."""
    status = answer.status_code
    after = retry_after(answer.headers.get("retry-after"), now)
    cut = " Its answer was longer than what is read." if answer.extensions.get(CUT) else ""
    detail = f"The system answered {status}.{cut}"
    if status in answers.ok:
        return Outcome(OutcomeClass.OK, detail)
    if status in answers.pause:
        return Outcome(
            OutcomeClass.REJECTED, f"The system answered {status}: it wants no more.", pause=True
        )
    for kind, statuses in (
        (OutcomeClass.THROTTLED, answers.throttled),
        (OutcomeClass.AUTH_EXPIRED, answers.auth_expired),
        (OutcomeClass.CONFLICT, answers.conflict),
        (OutcomeClass.REJECTED, answers.rejected),
    ):
        if status in statuses:
            return Outcome(kind, detail, after_seconds=after)
    return Outcome(OutcomeClass.RETRY, detail, after_seconds=after)


def failure(error: Exception) -> Outcome:
    """What it means that no answer came."""
    if isinstance(error, OutboundRefused):
        return Outcome(OutcomeClass.REJECTED, str(error), pause=True)
    if isinstance(error, httpx2.InvalidURL | UnicodeError | httpx2.UnsupportedProtocol):
        return Outcome(
            OutcomeClass.REJECTED, "No request can be made with these settings.", pause=True
        )
    if isinstance(error, NOTHING_SENT):
        return Outcome(OutcomeClass.RETRY, f"The system cannot be reached: {error}.")
    name = str(error) or type(error).__name__
    return Outcome(OutcomeClass.UNKNOWN, f"No answer came, it may have arrived: {name}.")


def retry_after(text: str | None, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header, in either form of RFC 9110 section 10.2.3; None
    where there is none that can be read."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_WAIT_SECONDS)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        wait = (moment - now).total_seconds()
    except (ValueError, OverflowError, TypeError):
        return None
    return min(max(wait, 0.0), LONGEST_WAIT_SECONDS)


def _too_long(manifest: Manifest, body: bytes) -> Outcome | None:
    if len(body) <= manifest.request.max_body_bytes:
        return None
    return Outcome(
        OutcomeClass.REJECTED,
        f"The event has {len(body)} bytes; this connector sends at most "
        f"{manifest.request.max_body_bytes}.",
    )
