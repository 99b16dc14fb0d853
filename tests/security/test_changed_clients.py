"""A client that is changed after it was registered: what it loses ends, what it gains is signed."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from sqlalchemy import select

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.errors import Invalid, WrongState
from innohub.identity.actor import SYSTEM
from innohub.identity.commands import ChangeClient, RevokeClient
from innohub.identity.models import OAuthClient, Organisation
from innohub.identity.oauth import clients
from innohub.identity.oauth.changing import change_client
from innohub.outbox.models import AuditEntry
from tests.conftest import Clock
from tests.security.flow import AUTHORIZE, BACK, Person, Program, a_program, alive, sent_back

CHANGE = """
mutation Change($input: ChangeClientInput!) {
  changeApiClient(input: $input) {
    ... on ApiClientPayload { apiClient { name scopes redirectUris dpopBound parRequired } }
    ... on Failure { code field }
  }
}
"""


async def changed(database: Database, program: Program, **given: Any) -> OAuthClient:
    command = ChangeClient.parse({"client_id": program.id, **given})
    async with database.unit_of_work(SYSTEM.signature()) as work:
        return await change_client(work, SYSTEM, command)


async def asked_by(ada: Person, program: Program, **given: Any) -> dict[str, Any]:
    """Ada's change, over the API as her browser's session."""
    given = {"clientId": identifiers.encode("ApiClient", program.id), **given}
    answer = await ada.client.post(
        "/graphql",
        json={"query": CHANGE, "variables": {"input": given}},
    )
    found: dict[str, Any] = answer.json()["data"]["changeApiClient"]
    return found


async def test_what_goes_beyond_narrowed_scopes_ends_and_the_rest_goes_on(
    ada: Person, supplier: Organisation, database: Database
) -> None:
    program = await a_program(database, supplier)
    hub, machine = ada.client, {"grant_type": "client_credentials"}
    wide = await ada.tokens_for(program, scope="openid listings.read listings.write")
    narrow = await ada.tokens_for(program, scope="openid listings.read")
    own = (await program.post(hub, machine)).json()["access_token"]

    client = await changed(database, program, scopes=["listings.read"])

    assert client.scopes == ["listings.read"]
    assert not await alive(hub, own)
    assert not await alive(hub, wide["access_token"])
    assert await alive(hub, narrow["access_token"])
    refused = await program.refreshes(hub, wide["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert (await program.refreshes(hub, narrow["refresh_token"])).status_code == 200
    assert (await program.post(hub, machine)).json()["scope"] == "listings.read"
    async with database.session() as session:
        noted = await session.scalar(
            select(AuditEntry.detail).where(AuditEntry.action == "client:change")
        )
    assert noted == {"scopes": ["listings.read"], "consents_ended": 1}


async def test_a_code_on_its_way_to_an_address_that_was_taken_away_is_worth_nothing(
    ada: Person, supplier: Organisation, database: Database
) -> None:
    program = await a_program(database, supplier, redirect_uris=[BACK, "https://program.test/b"])
    code = await ada.code_for(program)
    await changed(database, program, redirect_uris=["https://program.test/b"])
    refused = await program.post(ada.client, program.shows(code))
    assert refused.json()["error"] == "invalid_grant"
    assert (await ada.asked(program)).status_code == 400


async def test_only_what_lets_a_program_do_more_is_signed_anew(
    ada: Person, supplier: Organisation, database: Database, clock: Clock
) -> None:
    program = await a_program(database, supplier, dpop_bound=True)
    clock.now += timedelta(minutes=20)
    for more in (
        {"scopes": ["LISTINGS_READ", "QUOTES_WRITE"]},
        {"redirectUris": [BACK, "https://elsewhere.test/"]},
        {"postLogoutRedirectUris": ["https://elsewhere.test/"]},
        {"dpopBound": False},
    ):
        assert (await asked_by(ada, program, **more))["code"] == "step_up_required"
    less = {"scopes": ["LISTINGS_READ"], "name": "Desk", "parRequired": True}
    told = (await asked_by(ada, program, **less))["apiClient"]
    assert (told["name"], told["scopes"]) == ("Desk", ["listings.read"])
    assert (told["redirectUris"], told["dpopBound"], told["parRequired"]) == ([BACK], True, True)
    assert (await asked_by(ada, program, scopes=["RESULTS_WRITE"]))["code"] == "invalid"


async def test_a_client_that_hands_its_requests_over_first_asks_no_other_way(
    ada: Person, supplier: Organisation, database: Database
) -> None:
    program = await a_program(database, supplier, par_required=True)
    assert sent_back(await ada.asked(program), program)["error"] == "invalid_request"
    form = dict(parse_qsl(program.asks()))
    handed = await ada.client.post("/oauth/par", data=form, headers=program.basic)
    named = {"client_id": program.client_id, "request_uri": handed.json()["request_uri"]}
    page = await ada.client.get(f"{AUTHORIZE}?{urlencode(named)}")
    assert page.status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        {"proof": "none", "redirect_uris": []},
        {"proof": "secret", "jwks_uri": "https://program.test/keys"},
    ],
)
async def test_a_change_that_does_not_suit_the_clients_proof_is_refused(
    supplier: Organisation, database: Database, given: dict[str, Any]
) -> None:
    proof = given.pop("proof")
    program = await a_program(database, supplier, proof=proof)
    with pytest.raises(Invalid):
        await changed(database, program, **given)


async def test_a_client_that_has_ended_is_not_changed(
    supplier: Organisation, database: Database
) -> None:
    program = await a_program(database, supplier)
    async with database.unit_of_work(SYSTEM.signature()) as work:
        await clients.revoke_client(work, SYSTEM, RevokeClient(client_id=program.id))
    with pytest.raises(WrongState):
        await changed(database, program, name="Again")
