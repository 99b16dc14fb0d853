"""What an answer of a supplier's system means by the connector's manifest: for the delivery, for
their record, and for how much more they take. Reads, decides, never raises."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
import orjson

from innohub.hub.connectors.calls import Returns
from innohub.hub.connectors.contract import Outcome, OutcomeClass, Remote
from innohub.hub.connectors.expressions import Expression, NoAnswer
from innohub.hub.connectors.manifest import Answers, Limits, Rule
from innohub.hub.wire.outbound import CUT, OutboundRefused
from innohub.hub.wire.redaction import one_line

LONGEST_WAIT_SECONDS = 24 * 3600.0
"""The most that a system's word on how long to wait is believed."""
LONGEST_WORD = 300
LONGEST_ID = 1_000
NOTHING_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)

Document = Mapping[str, Any]


def document_of(answer: httpx2.Response) -> Document:
    """What the expressions of a manifest see: `{status, headers, body}`. The body is None where it
    is no JSON, or longer than what is read."""
    body: Any = None
    if answer.content and not answer.extensions.get(CUT):
        try:
            body = orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            body = None
    return {"status": answer.status_code, "headers": dict(answer.headers), "body": body}


def classify(answers: Answers, answer: httpx2.Response, seen: Document, now: datetime) -> Outcome:
    """What the answer means: the first rule that holds, else its status; a status that the manifest
    does not name is worth a retry."""
    status = answer.status_code
    after = retry_after(answer.headers.get("retry-after"), now)
    cut = " Its answer was longer than what is read." if answer.extensions.get(CUT) else ""
    rule = rule_for(answers, seen)
    if rule is not None:
        told = _worded(status, rule.because or answers.because, seen, cut)
        return _outcome(rule.means, told, after if after is not None else rule.after_seconds)
    for means, statuses in (
        ("ok", answers.ok),
        ("pause", answers.pause),
        ("throttled", answers.throttled),
        ("auth_expired", answers.auth_expired),
        ("conflict", answers.conflict),
        ("rejected", answers.rejected),
    ):
        if status in statuses:
            because = None if means == "ok" else answers.because
            return _outcome(means, _worded(status, because, seen, cut), after)
    return _outcome("retry", _worded(status, answers.because, seen, cut), after)


def rule_for(answers: Answers, seen: Document) -> Rule | None:
    """The first rule that holds for an answer."""
    return next((rule for rule in answers.rules if value(rule.when, seen)), None)


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


def remote_of(returns: Returns, seen: Any) -> Remote:
    """What the answer, or an entry of one, tells of their record, as far as it does."""
    return Remote(
        remote_id=named(value(returns.id, seen)),
        etag=named(value(returns.etag, seen)),
        revision=whole(value(returns.revision, seen)),
    )


def rest_of(limits: Limits | None, seen: Document, now: datetime) -> float | None:
    """Seconds for which their limits ask that nothing more be sent; None where there is room."""
    if limits is None:
        return None
    allowed = _number(value(limits.limit, seen))
    left = _number(value(limits.remaining, seen))
    used = _number(value(limits.used, seen))
    if left is None and allowed is not None and used is not None:
        left = allowed - used
    reserve = (allowed or 0.0) * limits.reserve_percent / 100
    if left is None or left > reserve:
        slow = (allowed or 0.0) * limits.slow_percent / 100
        nearing = left is not None and left < slow
        return (
            max(limits.slow_seconds, limits.pace_seconds or 0.0) if nearing else limits.pace_seconds
        )
    wait = _number(value(limits.resets_in, seen))
    at = _number(value(limits.resets_at, seen))
    if wait is None and at is not None:
        wait = at - now.timestamp()
    if wait is None:
        wait = limits.rest_seconds
    return min(max(wait, 0.0), LONGEST_WAIT_SECONDS) or None


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


def value(expression: Expression | None, seen: Any) -> Any:
    """None, too, where the expression does not fit this answer: a hostile one decides nothing."""
    if expression is None:
        return None
    try:
        return expression.over(seen)
    except NoAnswer:
        return None


def named(given: Any) -> str | None:
    """What they call something: an id, a version."""
    if isinstance(given, bool) or not isinstance(given, int | str):
        return None
    text = str(given)
    return text if text.isprintable() and 0 < len(text) <= LONGEST_ID else None


def whole(given: Any) -> int | None:
    """A revision, which some systems keep as text."""
    number = _number(given)
    return int(number) if number is not None and number.is_integer() else None


def _number(given: Any) -> float | None:
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return None
    try:
        number = float(given)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 2**53 else None


def _worded(status: int, because: Expression | None, seen: Document, cut: str) -> str:
    """With their word as it can be kept with the delivery, which could else never be settled."""
    word = value(because, seen)
    shown = one_line(word) if isinstance(word, str) else ""
    if not shown:
        return f"The system answered {status}.{cut}"
    return f"The system answered {status}: {shown[:LONGEST_WORD]}{cut}"


def _outcome(means: str, detail: str, after: float | None) -> Outcome:
    if means == "ok":
        return Outcome(OutcomeClass.OK, detail)
    if means == "pause":
        told = f"{detail.rstrip('.')}. It wants no more."
        return Outcome(OutcomeClass.REJECTED, told, pause=True)
    return Outcome(OutcomeClass(means), detail, after_seconds=after)
