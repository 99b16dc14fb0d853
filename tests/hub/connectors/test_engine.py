"""What a request looks like, what an answer means, and what of both is shown."""

import json
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from standardwebhooks.webhooks import Webhook

from innohub.db.unit_of_work import utc_now
from innohub.hub.connectors.answers import classify, document_of, failure, retry_after
from innohub.hub.connectors.contract import OutcomeClass, external_key
from innohub.hub.connectors.engine import sign
from innohub.hub.connectors.registry import Registry
from innohub.hub.connectors.templates import render
from innohub.hub.schedule import DELAYS, Schedule
from innohub.hub.wire import redaction
from innohub.hub.wire.outbound import DeadlinePassed, OutboundRefused

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ANSWERS = Registry.load().get("webhook").manifest.answers


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, OutcomeClass.OK),
        (204, OutcomeClass.OK),
        (301, OutcomeClass.RETRY),
        (307, OutcomeClass.RETRY),
        (400, OutcomeClass.REJECTED),
        (401, OutcomeClass.AUTH_EXPIRED),
        (403, OutcomeClass.RETRY),
        (404, OutcomeClass.RETRY),
        (410, OutcomeClass.REJECTED),
        (422, OutcomeClass.REJECTED),
        (429, OutcomeClass.THROTTLED),
        (500, OutcomeClass.RETRY),
        (502, OutcomeClass.THROTTLED),
        (503, OutcomeClass.THROTTLED),
        (504, OutcomeClass.THROTTLED),
    ],
)
def test_the_webhook_reads_statuses_as_standard_webhooks_says(
    status: int, kind: OutcomeClass
) -> None:
    answer = httpx2.Response(status)
    outcome = classify(ANSWERS, answer, document_of(answer), NOW)
    assert outcome.kind is kind
    assert outcome.pause == (status == 410)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("999999999999999999999", 86_400.0),
        ("Mon, 02 Nov 2026 09:02:00 GMT", 120.0),
        ("Mon, 02 Nov 2026 08:00:00 GMT", 0.0),
        ("Mon, 02 Nov 2126 09:02:00 GMT", 86_400.0),
        ("-5", None),
        ("soon", None),
        ("1.5", None),
        ("٣", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_both_forms(text: str | None, seconds: float | None) -> None:
    assert retry_after(text, NOW) == seconds


def test_their_word_is_kept_without_what_cannot_be_stored_or_steers_a_screen() -> None:
    answers = Registry.load().get("hubspot").manifest.answers
    body = {"message": "no\x00 such\x1b[31m\u202e \r\n\x85field\ud83d\ude00"}
    answer = httpx2.Response(400, content=json.dumps(body).encode())
    told = classify(answers, answer, document_of(answer), NOW).detail
    assert told == "The system answered 400: no such [31m field\N{GRINNING FACE}"
    answer = httpx2.Response(400, content=b'{"message": "\\u0000\\u200b"}')
    assert classify(answers, answer, document_of(answer), NOW).detail == "The system answered 400."


def test_no_answer_is_told_apart_from_nothing_sent() -> None:
    assert failure(httpx2.ConnectError("refused")).kind is OutcomeClass.RETRY
    assert failure(httpx2.ReadError("reset")).kind is OutcomeClass.UNKNOWN
    assert failure(DeadlinePassed("slow")).kind is OutcomeClass.UNKNOWN
    assert failure(OutboundRefused("inside")).pause


def test_an_independent_verifier_accepts_every_living_signature() -> None:
    old, new = "whsec_b2xkIG9sZCBvbGQgb2xk", "whsec_bmV3IG5ldyBuZXcgbmV3"
    body = '{"type":"pilot.result_published","£":"✓"}'.encode()
    headers = sign("ih-key", utc_now(), body, (old, new))
    for secret in (old, new):
        Webhook(secret).verify(body, headers)
    assert headers["webhook-signature"].count("v1,") == 2


def test_the_external_key_suits_every_system() -> None:
    key = external_key(12, "pilot/7", 3)
    assert key == external_key(12, "pilot/7", 3)
    assert len(key) == 29
    assert key.startswith("ih-")
    assert set(key) <= set("abcdefghijklmnopqrstuvwxyz234567-")
    assert len({external_key(1, "pilot/1", n) for n in range(1000)}) == 1000
    assert external_key(1, "pilot/1", 1) != external_key(2, "pilot/1", 1)


def test_a_placeholder_that_is_all_of_a_text_keeps_the_values_type() -> None:
    values = {"event.seq": 3, "event.payload": {"a": 1}, "config.name": "x", "config.none": None}
    template = {
        "seq": "{event.seq}",
        "all": ["{event.payload}", "n{event.seq}-{config.name}"],
        "none": "{config.none}",
        "fixed": 7,
        "braces": "{not a placeholder}",
    }
    assert render(template, values) == {
        "seq": 3,
        "all": [{"a": 1}, "n3-x"],
        "none": None,
        "fixed": 7,
        "braces": "{not a placeholder}",
    }


def test_an_object_takes_in_all_fields_beneath_its_own() -> None:
    values = {"fields": {"title": "theirs", "body": "mapped"}, "record.key": "ih-1"}
    template = {"*": "{fields}", "body": "<!-- {record.key} -->{fields.body}{fields.none}"}
    assert render(template, values) == {"title": "theirs", "body": "<!-- ih-1 -->mapped"}
    assert render({"*": "{fields.title}"}, values) == {}


def test_a_value_is_never_read_as_a_template() -> None:
    assert render("{config.a}!", {"config.a": "{config.b}", "config.b": "no"}) == "{config.b}!"


@pytest.mark.parametrize(
    ("body", "hidden"),
    [
        ('{"access_token": "abc\\"def", "x": 1}', "def"),
        ('{"client_secret":"sss"}', "sss"),
        ("grant=1&password=hunter2&z=1", "hunter2"),
        ("Authorization: Bearer abcdefghijklmnop", "abcdefghijklmnop"),
        ('{"echo": "Basic dXNlcjpwYXNzd29yZA=="}', "dXNlcjpwYXNzd29yZA"),
        ("you sent tok-12345 to us", "tok-12345"),
    ],
)
def test_an_excerpt_hides_what_looks_or_is_known_to_be_secret(body: str, hidden: str) -> None:
    shown = redaction.excerpt(body.encode(), ["tok-12345", ""])
    assert hidden not in shown
    assert "[redacted]" in shown


def test_an_excerpt_is_short_text_that_the_database_can_store() -> None:
    shown = redaction.excerpt(b"\x00\xff" * 50_000)
    assert "\x00" not in shown
    assert len(shown) < 2_100


@pytest.mark.parametrize(
    "body", [b"a" * 60_000, b'token:"' * 9_000, b"- " * 30_000, b"token" * 9_000]
)
def test_a_hostile_body_costs_little_to_redact(body: bytes) -> None:
    began = datetime.now(UTC)
    redaction.excerpt(body)
    assert datetime.now(UTC) - began < timedelta(seconds=1)


def test_retries_spread_over_days_each_with_its_own_jitter() -> None:
    assert sum(DELAYS) > 2 * 86_400
    assert list(DELAYS) == sorted(DELAYS)
    early, late = Schedule(chance=lambda: 0.0), Schedule(chance=lambda: 0.999999)
    for attempts in range(1, 30):
        delay = DELAYS[min(attempts, len(DELAYS)) - 1]
        assert early.wait(attempts) == pytest.approx(delay * 0.8)
        assert late.wait(attempts) == pytest.approx(delay * 1.2, rel=1e-3)
