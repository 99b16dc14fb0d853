"""Revocation (RFC 7009) and introspection (RFC 7662)."""

import httpx2
import pytest

from innohub.db.unit_of_work import Database
from innohub.identity.models import Organisation
from innohub.identity.permissions import Scope
from innohub.settings import Settings
from tests.conftest import Clock
from tests.identity.a_hub import Machine, a_machine, a_token, basic

INACTIVE = {"active": False}


async def whoami(hub: httpx2.AsyncClient, token: str) -> int:
    answer = await hub.get("/whoami", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


async def introspected(hub: httpx2.AsyncClient, machine: Machine, token: str) -> dict[str, object]:
    answer = await hub.post("/oauth/introspect", data={"token": token}, headers=machine.basic)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, object] = answer.json()
    return body


@pytest.fixture
async def neighbour(database: Database, supplier: Organisation) -> Machine:
    """Another client, even of the same organisation."""
    return await a_machine(database, supplier, Scope.LISTINGS_READ)


@pytest.mark.parametrize("endpoint", ["/oauth/revoke", "/oauth/introspect"])
async def test_only_an_authenticated_client_may_ask(
    hub: httpx2.AsyncClient, machine: Machine, endpoint: str
) -> None:
    token = await a_token(hub, machine)
    for headers in ({}, basic(machine.client_id, "no"), {"Authorization": f"Bearer {token}"}):
        answer = await hub.post(endpoint, data={"token": token}, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert "www-authenticate" in answer.headers
    assert await whoami(hub, token) == 200


@pytest.mark.parametrize("endpoint", ["/oauth/revoke", "/oauth/introspect"])
async def test_a_token_has_to_be_named_once(
    hub: httpx2.AsyncClient, machine: Machine, endpoint: str
) -> None:
    for body in ("", "token=", "token=a&token=b", "token_type_hint=access_token"):
        headers = {**machine.basic, "Content-Type": "application/x-www-form-urlencoded"}
        answer = await hub.post(endpoint, content=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_another_clients_token_cannot_be_revoked(
    hub: httpx2.AsyncClient, machine: Machine, neighbour: Machine
) -> None:
    token = await a_token(hub, machine)
    answer = await hub.post("/oauth/revoke", data={"token": token}, headers=neighbour.basic)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert await whoami(hub, token) == 200


async def test_another_clients_token_shows_nothing_of_itself(
    hub: httpx2.AsyncClient, machine: Machine, neighbour: Machine
) -> None:
    token = await a_token(hub, machine)
    assert await introspected(hub, neighbour, token) == INACTIVE


@pytest.mark.parametrize("token", ["unknown", "\x00", "\U0001f511", "x" * 10_000])
async def test_an_unknown_token_is_no_error(
    hub: httpx2.AsyncClient, machine: Machine, token: str
) -> None:
    answer = await hub.post("/oauth/revoke", data={"token": token}, headers=machine.basic)
    assert (answer.status_code, answer.json()) == (200, {})
    assert await introspected(hub, machine, token) == INACTIVE


@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "nonsense"])
async def test_a_revoked_token_is_dead_at_once_whatever_the_hint(
    hub: httpx2.AsyncClient, machine: Machine, hint: str | None
) -> None:
    token = await a_token(hub, machine)
    form = {"token": token, **({"token_type_hint": hint} if hint else {})}
    answer = await hub.post("/oauth/revoke", data=form, headers=machine.basic)
    assert answer.status_code == 200
    assert await whoami(hub, token) == 401
    assert await introspected(hub, machine, token) == INACTIVE


async def test_an_expired_token_is_inactive(
    hub: httpx2.AsyncClient, machine: Machine, clock: Clock
) -> None:
    token = await a_token(hub, machine)
    clock.pass_days(1)
    assert await introspected(hub, machine, token) == INACTIVE


async def test_a_live_token_is_described_to_its_client(
    hub: httpx2.AsyncClient, machine: Machine, clock: Clock, settings: Settings
) -> None:
    token = await a_token(hub, machine, scope="listings.read")
    now = int(clock.now.timestamp())
    told = await introspected(hub, machine, token)
    assert len(str(told.pop("jti"))) > 20
    assert told == {
        "active": True,
        "aud": "https://hub.test",
        "client_id": machine.client_id,
        "sub": machine.client_id,
        "scope": "listings.read",
        "token_type": "Bearer",
        "iat": now,
        "exp": now + settings.access_token_minutes * 60,
        "iss": "https://hub.test",
    }
