"""The Dataverse connectors: what they ask is what Microsoft's client library asks, of a stand-in
that the library works with from sign-in to limit."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from innohub.db.unit_of_work import utc_now
from innohub.hub.access.client_proof import Client
from innohub.hub.access.token_answer import Granted, NotGranted
from innohub.hub.access.token_endpoint import TokenEndpoint
from innohub.hub.conformance.samples import NUMBERS, STREAM, SUPPLIER_ID, sample
from innohub.hub.connectors.contract import OutcomeClass, external_key, stream_key
from innohub.hub.connectors.templates import document_of, fields_of
from innohub.hub.wire.outbound import Outbound
from tests.counterparts.carried import Line, case_of, shipped_connector
from tests.counterparts.comparing import asked
from tests.counterparts.dataverse import (
    CLIENT_ID,
    CLIENT_SECRET,
    ENTITY_SET,
    ENVIRONMENT,
    TABLE,
    TENANT,
    TOKEN_URL,
    Environment,
)
from tests.counterparts.standing_in import driven
from tests.hub.keys import rsa_pair
from tests.hub.scene import served

NOW = utc_now()
HALF_AN_HOUR_AGO = NOW - timedelta(minutes=30)
CHANGED_SINCE = (
    "innohub_key ne null and modifiedon ge "
    f"{HALF_AN_HOUR_AGO - timedelta(minutes=2):%Y-%m-%dT%H:%M:%SZ}"
)
RECORD = stream_key(SUPPLIER_ID, STREAM)
OLDER, FIRST, NEWER = NUMBERS["older"], NUMBERS["first"], NUMBERS["newer"]
OK = OutcomeClass.OK
CONFIG = {
    "environment": f"{ENVIRONMENT}/",
    "tenant": TENANT,
    "client_id": CLIENT_ID,
    "entity_set": ENTITY_SET,
}
ALIKE = ("accept", "content-type", "odata-version", "odata-maxversion", "authorization")


@pytest.fixture
def environment() -> Environment:
    return Environment(rsa_pair())


@pytest_asyncio.fixture
async def outbound(environment: Environment) -> AsyncIterator[Outbound]:
    """Leads every host to the stand-in, without a network."""
    beneath = httpx2.ASGITransport(app=environment.app)
    async with Outbound(allow_loopback=False, beneath=beneath) as outbound:
        yield outbound


@pytest.fixture
def line(outbound: Outbound) -> Line:
    return Line(shipped_connector("dataverse"), CONFIG, outbound, token="eyJ.theirs")


def fields(event: str) -> dict[str, Any]:
    """What the mapping makes of a sample event."""
    connector = shipped_connector("dataverse")
    return fields_of(connector.mapping.fields, document_of(sample(event, connector.manifest, {})))


async def of_the_sdk(environment: Environment) -> dict[str, Any]:
    async with served(environment.app) as url:
        return await driven(
            "dataverse",
            url=url,
            environment=ENVIRONMENT,
            tenant=TENANT,
            client_id=CLIENT_ID,
            private_key=environment.pair.key_pem,
            certificate=environment.pair.certificate_pem,
            table=TABLE,
            key=RECORD,
            changed=CHANGED_SINCE,
            first=fields("first"),
            newer=fields("newer"),
        )


async def granted(outbound: Outbound, name: str, **secrets: str) -> Granted:
    """A token as the hub asks for it, with the connection's settings."""
    grant = shipped_connector("dataverse", name).manifest.authorise
    assert grant is not None
    config = {**CONFIG, "environment": ENVIRONMENT}
    return await TokenEndpoint(outbound, utc_now).fresh(grant, Client(config, secrets))


async def test_microsofts_library_works_with_the_stand_in_from_sign_in_to_limit(
    environment: Environment,
) -> None:
    said = await of_the_sdk(environment)

    assert said["granted"] == "Bearer"
    assert said["scopes"] == [f"{ENVIRONMENT}/.default"]
    assert [said[step] for step in ("made", "changed", "quoted", "more")] == [None] * 4
    assert said["listed"] == sorted([RECORD, "it's", "another"])
    assert environment.rows[RECORD]["innohub_revision"] == NEWER
    assert (said["unknown"]["status"], said["unknown"]["code"]) == (400, "0x80048d19")
    limited = said["limited"]
    assert (limited["status"], limited["code"], limited["retry_after"]) == (429, "0x80072322", 17)


async def test_our_requests_are_the_librarys_but_for_version_and_representation(
    environment: Environment, line: Line
) -> None:
    """Ours adds `?$select=…`, `Prefer: return=representation` and the condition."""
    await of_the_sdk(environment)
    theirs = [each for each in environment.log.of("PATCH") if RECORD in each.path][:2]
    environment.rows.clear()
    environment.limited = False
    begins = len(environment.log.passed)

    await line.send("first")
    await line.send("newer")

    for ours, other in zip(environment.log.passed[begins:], theirs, strict=True):
        path, _, query = ours.path.partition("?")
        assert (ours.method, path, ours.body) == (other.method, other.path, other.body)
        assert query == "$select=innohub_key,innohub_revision"
        assert [ours.headers[name] for name in ALIKE] == [other.headers[name] for name in ALIKE]
        further = {"prefer", "if-match", "if-none-match", "x-request-id"}
        assert set(ours.headers) - set(other.headers) <= further


async def test_our_assertion_is_that_of_msal(environment: Environment, outbound: Outbound) -> None:
    await of_the_sdk(environment)
    begins = len(environment.log.passed)

    await granted(outbound, "dataverse_certificate", client_certificate=environment.pair.both)

    (their_header, theirs), (our_header, ours) = environment.assertions
    assert our_header["alg"] == their_header["alg"] == "PS256"
    # RFC 7515 section 4.1.8 has it without padding; MSAL leaves the padding on.
    assert our_header["x5t#S256"] == their_header["x5t#S256"].rstrip("=")
    assert [ours[name] for name in ("iss", "sub", "aud")] == [CLIENT_ID, CLIENT_ID, TOKEN_URL]
    assert [theirs[name] for name in ("iss", "sub", "aud")] == [CLIENT_ID, CLIENT_ID, TOKEN_URL]
    assert 0 < ours["exp"] - ours["iat"] <= theirs["exp"] - theirs["iat"]
    assert isinstance(ours["jti"], str)
    form = {each.partition("=")[0] for each in environment.log.passed[begins].body.split("&")}
    assert form == {
        "grant_type", "scope", "client_id", "client_assertion", "client_assertion_type"
    }  # fmt: skip


async def test_a_secret_signs_in_as_well_and_a_wrong_one_is_told(outbound: Outbound) -> None:
    token = await granted(outbound, "dataverse", client_secret=CLIENT_SECRET)
    assert token.expires_in == 3599

    with pytest.raises(NotGranted, match="AADSTS7000215"):
        await granted(outbound, "dataverse", client_secret="another")


async def test_the_recording_is_what_passes(environment: Environment, line: Line) -> None:
    await line.send("first")

    [passed] = environment.log.passed
    [turn] = case_of("dataverse", "a record is made").exchanges
    assert turn.request.url == f"{ENVIRONMENT}{passed.path}"
    assert turn.request.body == passed.body
    assert {name: passed.headers[name] for name in turn.request.headers} == turn.request.headers
    assert turn.answer is not None
    assert turn.answer.status == passed.status


async def test_a_record_is_made_changed_and_an_older_one_held_back(
    environment: Environment, line: Line
) -> None:
    assert (await line.send("first")).exchanges[-1].status == 201
    assert (await line.send("newer")).exchanges[-1].status == 200
    assert line.known is not None
    assert line.known.remote_id == environment.rows[RECORD][f"{TABLE}id"]

    late = await line.send("older", forgetting=True)

    assert [each.status for each in late.exchanges] == [412, 200]
    assert f"holds revision {NEWER} already" in late.outcome.detail
    assert environment.rows[RECORD]["innohub_revision"] == NEWER


async def test_what_their_people_changed_or_deleted_is_written_anew(
    environment: Environment, line: Line
) -> None:
    await line.send("older")
    environment.rows[RECORD]["@odata.etag"] = 'W/"7"'
    changed = await line.send("first")
    assert [each.status for each in changed.exchanges] == [412, 200, 200]

    environment.rows.clear()
    gone = await line.send("newer")
    assert [each.status for each in gone.exchanges] == [404, 404, 201]
    assert environment.rows[RECORD]["innohub_revision"] == NEWER


async def test_the_limit_is_kept_for_as_long_as_they_say(
    environment: Environment, line: Line
) -> None:
    environment.limited = True
    sent = await line.send("first")
    assert (sent.outcome.kind, sent.outcome.after_seconds) == (OutcomeClass.THROTTLED, 17)


async def test_a_table_that_is_not_there_is_told_and_not_tried_for_ever(line: Line) -> None:
    line.config = {**CONFIG, "entity_set": "contacts"}
    sent = await line.send("first")
    assert sent.outcome.kind is OutcomeClass.REJECTED
    assert "Resource not found for the segment" in sent.outcome.detail


async def test_all_pages_of_their_table_are_listed(environment: Environment, line: Line) -> None:
    keys = sorted(external_key(SUPPLIER_ID, STREAM, number) for number in range(5))
    for number, key in enumerate(keys):
        environment.rows[key] = {
            "innohub_key": key,
            "innohub_revision": number,
            "@odata.etag": f'W/"{number}"',
            f"{TABLE}id": f"row-{number}",
        }

    found = await line.listed()

    assert [each.key for each in found] == keys
    assert [each.remote.revision for each in found] == list(range(5))
    assert len(environment.log.passed) == 3


async def test_what_changed_is_asked_for_as_the_library_asks(
    environment: Environment, line: Line
) -> None:
    said = await of_the_sdk(environment)
    # In pages of two: the library follows them as well.
    assert said["changed_since"] == sorted([RECORD, "it's", "another"])
    theirs = next(each for each in environment.log.passed if "modifiedon" in each.path)
    environment.limited = False

    begins = len(environment.log.passed)
    [told] = await line.told(HALF_AN_HOUR_AGO, NOW)

    ours = environment.log.passed[begins]
    assert asked(ours)[:3] == asked(theirs)[:3]
    assert set(ours.headers["prefer"].split(",")) == set(theirs.headers["prefer"].split(","))
    assert (told.key, told.status) == (RECORD, "Active"), "the others bear no key of ours"


async def test_status_and_note_come_back(environment: Environment, line: Line) -> None:
    await line.send("first")
    environment.rows[RECORD] |= {"statuscode": 2, "innohub_note": "Shipped."}
    [told] = await line.told(HALF_AN_HOUR_AGO, NOW)
    assert (told.key, told.status, told.text) == (RECORD, "Rolled out", "Shipped.")

    environment.stamps[RECORD] = NOW - timedelta(hours=2)
    assert await line.told(HALF_AN_HOUR_AGO, NOW) == []
