"""The Salesforce connectors: what they ask is what simple-salesforce asks, of a stand-in that
simple-salesforce works with from sign-in to limit."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from innohub.db.unit_of_work import utc_now
from innohub.hub.access.client_proof import Client
from innohub.hub.access.token_answer import Granted, NotGranted
from innohub.hub.access.token_endpoint import TokenEndpoint
from innohub.hub.conformance.samples import NUMBERS, STREAM, SUPPLIER_ID, sample
from innohub.hub.connectors.contract import OutcomeClass, stream_key
from innohub.hub.connectors.templates import document_of, fields_of
from innohub.hub.wire.outbound import Outbound
from tests.counterparts.carried import Line, case_of, shipped_connector
from tests.counterparts.comparing import asked
from tests.counterparts.salesforce import (
    AUDIENCE,
    CLIENT_ID,
    CLIENT_SECRET,
    KEY,
    OBJECT,
    REVISION,
    USERNAME,
    Org,
    an_org,
)
from tests.counterparts.standing_in import Passed, driven
from tests.hub.keys import rsa_pair

NOW = utc_now()
HALF_AN_HOUR_AGO = NOW - timedelta(minutes=30)
CHANGED_SINCE = (
    f"SELECT Id,{KEY},Stage__c,Note__c FROM {OBJECT} WHERE {KEY} LIKE 'ih-%' AND SystemModstamp >= "
    f"{HALF_AN_HOUR_AGO - timedelta(minutes=2):%Y-%m-%dT%H:%M:%SZ} ORDER BY Id"
)
RECORD = stream_key(SUPPLIER_ID, STREAM)
FIRST, NEWER = NUMBERS["first"], NUMBERS["newer"]
OK = OutcomeClass.OK
OF_THE_LIBRARY = {"x-prettyprint", "x-wanted-host", "accept", "connection", "accept-encoding"}
"""Headers that only the vendor's library sends, or our tests' redirection of it. Ours sends
`accept: application/json` and `x-request-id`, which Salesforce ignores."""


@pytest_asyncio.fixture
async def org() -> AsyncIterator[Org]:
    async with an_org(rsa_pair()) as org:
        yield org


def fields(event: str) -> dict[str, Any]:
    """What the mapping makes of a sample event."""
    connector = shipped_connector("salesforce")
    return fields_of(connector.mapping.fields, document_of(sample(event, connector.manifest, {})))


async def granted(org: Org, outbound: Outbound, name: str = "salesforce") -> Granted:
    """A token as the hub asks for it, with the connection's settings."""
    grant = shipped_connector("salesforce", name).manifest.authorise
    assert grant is not None
    secrets = {"private_key": org.pair.key_pem, "client_secret": CLIENT_SECRET}
    return await TokenEndpoint(outbound, utc_now).fresh(grant, Client(config(org), secrets))


def config(org: Org) -> dict[str, str]:
    return {
        "domain": org.url,
        "audience": AUDIENCE,
        "client_id": CLIENT_ID,
        "username": USERNAME,
        "object": OBJECT,
    }


@pytest_asyncio.fixture
async def line(org: Org, outbound: Outbound) -> Line:
    return await a_line(org, outbound)


async def a_line(org: Org, outbound: Outbound) -> Line:
    """Signed in anew."""
    token = await granted(org, outbound)
    return Line(
        shipped_connector("salesforce"),
        config(org),
        outbound,
        token=token.access_token,
        kept=dict(token.extra),
    )


async def of_the_sdk(org: Org) -> dict[str, Any]:
    return await driven(
        "salesforce",
        url=org.url,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        private_key=org.pair.key_pem,
        username=USERNAME,
        object=OBJECT,
        key=RECORD,
        query=f"SELECT Id,{KEY},{REVISION} FROM {OBJECT} WHERE {KEY} LIKE 'ih-%' ORDER BY Id",
        changed_since=CHANGED_SINCE,
        **{event: fields(event) for event in NUMBERS},
    )


async def test_the_vendors_library_works_with_the_stand_in_from_sign_in_to_limit(org: Org) -> None:
    said = await of_the_sdk(org)

    assert said["jwt"].startswith("00Dxx!")
    assert (said["made"], said["changed"], said["renewed"]) == (201, 200, 200)
    assert said["read"][REVISION] == NEWER
    assert [each[KEY] for each in said["listed"]] == [RECORD]
    assert said["usage"][1] == 15_000
    refusals = {
        "older": ("SalesforceMalformedRequest", "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        "repeated_key": ("SalesforceMalformedRequest", "INVALID_FIELD"),
        "absent": ("SalesforceResourceNotFound", "NOT_FOUND"),
        "limited": ("SalesforceRefusedRequest", "REQUEST_LIMIT_EXCEEDED"),
    }
    for step, (raised, code) in refusals.items():
        assert said[step]["raised"] == raised
        assert said[step]["content"][0]["errorCode"] == code
    assert said["double"]["raised"] == "SalesforceMoreThanOneRecord"


async def test_our_requests_are_the_librarys_but_for_listed_headers(
    org: Org, outbound: Outbound
) -> None:
    await of_the_sdk(org)
    theirs = [each for each in org.log.of("PATCH") if each.path.endswith(RECORD)][:2]
    [read, *_] = [each for each in org.log.of("GET") if each.path.endswith(RECORD)]
    org.records.clear()
    line = await a_line(org, outbound)
    begins = len(org.log.passed)

    await line.send("first")
    await line.send("newer")
    await line.send("newer", forgetting=True, in_doubt=True)

    ours = org.log.passed[begins:]
    [turn] = case_of("salesforce", "a record is made").exchanges
    assert turn.request.url.endswith(ours[0].path)
    assert turn.request.body == ours[0].body
    for one, other in zip(ours, [*theirs, read], strict=True):
        assert (one.method, one.path, one.body) == (other.method, other.path, other.body)
        assert one.headers["authorization"].startswith("Bearer 00Dxx!")
        assert unlike(one, other) <= OF_THE_LIBRARY


def unlike(ours: Passed, theirs: Passed) -> set[str]:
    """Headers of theirs that ours does not have, or has otherwise."""
    usual = {"authorization", "host", "user-agent", "content-length"}
    without = {name for name in theirs.headers if theirs.body is None and name == "content-type"}
    return {
        name
        for name, value in theirs.headers.items()
        if name not in usual | without and ours.headers.get(name) != value
    }


async def test_our_sign_in_is_the_librarys_but_for_the_times(org: Org, outbound: Outbound) -> None:
    await of_the_sdk(org)
    theirs = org.claims[0]
    form = org.log.passed[0].body
    begins = len(org.log.passed)

    await granted(org, outbound)

    ours = org.claims[-1]
    assert {name: ours[name] for name in ("iss", "sub", "aud")} == {
        name: theirs[name] for name in ("iss", "sub", "aud")
    }
    assert set(ours) - set(theirs) == {"iat", "jti"}
    sent = org.log.passed[begins]
    assert sent.path == "/services/oauth2/token"
    assert {each.partition("=")[0] for each in sent.body.split("&")} == {
        each.partition("=")[0] for each in form.split("&")
    }
    assert "authorization" not in sent.headers


async def test_a_strict_verifier_takes_our_assertion_and_not_the_librarys(
    outbound: Outbound,
) -> None:
    """Trap 9: the library writes `exp` as a text."""
    async with an_org(rsa_pair(), strict=True) as org:
        said = await of_the_sdk(org)
        assert said["jwt"]["raised"] == "SalesforceAuthenticationFailed"
        assert isinstance(org.claims[0]["exp"], str)

        token = await granted(org, outbound)

        assert token.access_token.startswith("00Dxx!")
        assert all(isinstance(org.claims[-1][name], int) for name in ("iat", "exp"))


async def test_a_secret_signs_in_as_well_and_a_wrong_one_is_told(
    org: Org, outbound: Outbound
) -> None:
    token = await granted(org, outbound, "salesforce_secret")
    assert token.extra == {"instance_url": org.url}
    # They give no lifetime: the token is kept until it is refused.
    assert token.expires_in is None

    grant = shipped_connector("salesforce", "salesforce_secret").manifest.authorise
    assert grant is not None
    client = Client(config(org), {"client_secret": "another"})
    with pytest.raises(NotGranted, match="invalid_client"):
        await TokenEndpoint(outbound, utc_now).fresh(grant, client)


async def test_a_lost_answer_is_found_by_reading_back(org: Org, line: Line) -> None:
    await line.send("first")

    sent = await line.send("first", forgetting=True, in_doubt=True)

    assert sent.outcome.kind is OK
    assert f"holds revision {FIRST} already" in sent.outcome.detail
    assert [each.method for each in org.log.passed[-2:]] == ["PATCH", "GET"]


async def test_an_older_write_that_arrives_late_is_refused_by_their_rule_and_settled(
    org: Org, line: Line
) -> None:
    await line.send("newer")

    sent = await line.send("first", forgetting=True)

    assert [each.status for each in sent.exchanges] == [400, 200]
    assert sent.outcome.kind is OK
    assert org.records[RECORD][REVISION] == NEWER


async def test_an_ended_session_is_renewed_once(org: Org, line: Line) -> None:
    fresh = line.token
    line.token = "00Dxx!ended"

    async def renewed(refused: int | None) -> Any:
        line.token = fresh if refused else line.token
        return await Line._token_of(line, refused)

    line._token_of = renewed  # type: ignore[method-assign]

    sent = await line.send("first")

    assert [each.status for each in sent.exchanges] == [401, 201]
    assert sent.outcome.kind is OK


async def test_with_few_calls_left_the_connection_rests(org: Org, line: Line) -> None:
    org.used = 12_100
    sent = await line.send("first")
    assert (sent.outcome.kind, sent.outcome.rest_seconds) == (OK, 10)

    org.used = 14_300
    sent = await line.send("first")
    assert (sent.outcome.kind, sent.outcome.rest_seconds) == (OK, 900)

    org.used = org.allowed
    sent = await line.send("newer")
    assert sent.outcome.kind is OutcomeClass.THROTTLED
    assert sent.outcome.detail == "The system answered 403: TotalRequests Limit exceeded."


async def test_their_listing_is_read(org: Org, line: Line) -> None:
    await line.send("first")
    [found] = await line.listed()
    assert (found.key, found.remote.revision) == (RECORD, FIRST)
    assert found.remote.remote_id == org.records[RECORD]["Id"]


async def test_what_changed_is_asked_for_as_the_library_asks(org: Org, line: Line) -> None:
    await line.send("first")
    begins = len(org.log.passed)
    said = await of_the_sdk(org)
    assert [each[KEY] for each in said["changed_since"]] == [RECORD]
    [theirs] = [each for each in org.log.passed[begins:] if "SystemModstamp" in each.path]

    line = await a_line(org, line.outbound)
    await line.told(HALF_AN_HOUR_AGO, NOW)

    ours = org.log.passed[-1]
    assert "SystemModstamp" in ours.path
    assert asked(ours)[2] == asked(theirs)[2]
    # The library's address ends with a slash, which Salesforce takes or leaves.
    assert asked(ours)[1] == asked(theirs)[1].removesuffix("/")


async def test_what_their_people_fill_in_comes_back(org: Org, line: Line) -> None:
    await line.send("first")
    assert await line.told(HALF_AN_HOUR_AGO, NOW) == [], "nothing is filled in"
    org.records[RECORD] |= {"Stage__c": "Roll-out", "Note__c": "Shipped."}
    [told] = await line.told(HALF_AN_HOUR_AGO, NOW)
    assert (told.key, told.status, told.text) == (RECORD, "Roll-out", "Shipped.")

    org.stamps[RECORD] = NOW - timedelta(hours=2)
    assert await line.told(HALF_AN_HOUR_AGO, NOW) == []


async def test_a_key_that_is_repeated_in_the_body_would_be_refused(org: Org, line: Line) -> None:
    """Why the mapping leaves it out."""
    more = line.connector.mapping.model_copy(update={"body": {KEY: "{record.key}"}})
    line.connector = replace(line.connector, mapping=more)
    sent = await line.send("first")
    assert sent.outcome.kind is OutcomeClass.REJECTED
    assert "should not be specified" in sent.outcome.detail
