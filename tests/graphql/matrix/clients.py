"""Stages for the programs of an organisation, and for what people allow them."""

from itertools import count
from typing import Any

from innohub.identity.models import ClientProof, OAuthClient
from innohub.identity.oauth.models import OAuthGrant
from tests.graphql.matrix.listings import Stage
from tests.graphql.matrix.world import NOW, World, gid

_numbers = count(1)


async def a_client(world: World) -> OAuthClient:
    client = OAuthClient(
        organisation_id=world.everybody.organisation("supplier").id, name="Sync",
        client_id=f"ihc_{next(_numbers)}", proof=ClientProof.SECRET, scopes=["listings.read"],
        created_at=NOW,
    )  # fmt: skip
    await world.add(client)
    return client


async def to_register(world: World) -> dict[str, Any]:
    supplier = world.everybody.organisation("supplier")
    return {
        "organisationId": gid("Supplier", supplier), "name": "Sync", "scopes": ["LISTINGS_READ"],
    }  # fmt: skip


async def to_change(world: World) -> dict[str, Any]:
    return {"clientId": gid("ApiClient", await a_client(world))}


async def to_change_name(world: World) -> dict[str, Any]:
    return {**await to_change(world), "name": "Product system"}


async def to_end(world: World) -> dict[str, Any]:
    client, number = await a_client(world), next(_numbers)
    grant = OAuthGrant(
        person_id=world.everybody.people["own force_innovation_lead"].person.id,
        oauth_client_id=client.id, handle=f"{number}", scope="openid", signed_in_at=NOW,
        redirect_uri="https://program.example/", code_hash=f"{number}", code_challenge="x",
        code_ends_at=NOW, redeemed_at=NOW, refresh_family=f"{number}", ends_at=NOW, created_at=NOW,
    )  # fmt: skip
    await world.add(grant)
    return {"consentId": gid("Consent", grant)}


STAGES: dict[str, Stage] = {
    "registerApiClient": to_register,
    "changeApiClient": to_change_name,
    "rotateApiClientSecret": to_change,
    "revokeApiClient": to_change,
    "endConsent": to_end,
}
