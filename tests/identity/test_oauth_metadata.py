"""RFC 8414: what is announced works, and what works is announced."""

import httpx2

from tests.identity.a_hub import Machine, basic


async def test_every_endpoint_and_method_that_is_announced_works(
    hub: httpx2.AsyncClient, machine: Machine
) -> None:
    answer = await hub.get("/.well-known/oauth-authorization-server")
    assert answer.status_code == 200
    metadata = answer.json()
    assert metadata["issuer"] == "https://hub.test"
    announced = ["introspection_endpoint", "revocation_endpoint", "token_endpoint"]
    ways = {
        "client_secret_basic": (basic(machine.client_id, machine.secret), {}),
        "client_secret_post": (
            {}, {"client_id": machine.client_id, "client_secret": machine.secret},
        ),
    }  # fmt: skip
    for name in announced:
        for way in set(metadata[f"{name}_auth_methods_supported"]) & set(ways):
            headers, form = ways[way]
            form = {**form, "token": "x", "grant_type": "client_credentials"}
            answer = await hub.post(metadata[name], data=form, headers=headers)
            assert answer.status_code == 200


async def test_every_scope_that_is_announced_is_known(
    hub: httpx2.AsyncClient, machine: Machine
) -> None:
    metadata = (await hub.get("/.well-known/oauth-authorization-server")).json()
    assert "listings.read" in metadata["scopes_supported"]
    assert metadata["scopes_supported"] == sorted(metadata["scopes_supported"])


async def test_nothing_is_announced_that_is_not_given(hub: httpx2.AsyncClient) -> None:
    metadata = (await hub.get("/.well-known/oauth-authorization-server")).json()
    assert metadata["grant_types_supported"] == [
        "authorization_code", "client_credentials", "refresh_token",
    ]  # fmt: skip
    assert metadata["response_types_supported"] == ["code"]
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert "registration_endpoint" not in metadata
