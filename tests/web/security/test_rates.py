"""Nobody takes the API from the others: shares of a minute, told in headers."""

import json

import pytest

from innohub.app import create_app
from innohub.cli.serve import options
from innohub.db.unit_of_work import Database
from innohub.identity.actor import STRANGER, Actor, ActorKind
from innohub.identity.models import Role
from innohub.settings import Settings
from innohub.web.security.rates import Rates, TooManyRequests
from tests.factories import a_supplier, somebody
from tests.web.visitor import Visitor

CLIENT = Actor(ActorKind.CLIENT, "A client", client_id=7)
PERSON = Actor(ActorKind.PERSON, "Ada", person_id=7)


async def used_up(rates: Rates, actor: Actor, address: str = "192.0.2.1") -> dict[str, str]:
    for _ in range(3):
        headers = await rates.take(actor, address)
    with pytest.raises(TooManyRequests):
        await rates.take(actor, address)
    return headers


async def test_each_client_person_and_place_has_a_share_of_its_own() -> None:
    rates = Rates(3)
    headers = await used_up(rates, CLIENT)
    assert headers["RateLimit-Policy"] == '"client";q=3;w=60'
    assert headers["RateLimit"].startswith('"client";r=0;t=')
    await used_up(rates, PERSON)
    await used_up(rates, STRANGER)
    await used_up(rates, STRANGER, "203.0.113.9")
    await used_up(rates, STRANGER, "2001:db8::1")
    with pytest.raises(TooManyRequests):
        await rates.take(STRANGER, "2001:db8::ffff:2")


async def test_a_store_that_is_away_lets_the_hub_count_by_itself() -> None:
    await used_up(Rates(3, "redis://127.0.0.1:9/0"), CLIENT)


async def test_the_api_answers_429_with_what_is_left_and_when(
    settings: Settings, database: Database
) -> None:
    hub = create_app(
        settings.model_copy(
            update={"requests_a_minute": 2, "redis_url": None, "base_url": "http://hub.test"}
        )
    )
    person = await somebody(database, await a_supplier(database), Role.SUPPLIER_VIEWER)
    async with hub.router.lifespan_context(hub):
        reader = Visitor(hub, "http://hub.test")
        async with reader.client:
            await reader.sign_in_as(person.person)
            body = {"query": "{ viewer { name } }"}
            told = [await reader.client.post("/graphql", json=body) for _ in range(3)]
            assert [one.status_code for one in told] == [200, 200, 429]
            assert told[0].headers["ratelimit"].startswith('"person";r=1;t=')
            refused = told[-1]
            assert 1 <= int(refused.headers["retry-after"]) <= 60
            code = json.loads(refused.content)["errors"][0]["extensions"]["code"]
            assert code == "too_many_requests"
            stream = await reader.client.get("/graphql/stream?query={viewer{name}}")
            assert stream.status_code == 429
            # Pages are no part of it: a person goes on reading.
            assert (await reader.see("/account")).status == 200


def test_nobody_says_where_a_visitor_comes_from_but_the_operator_s_proxies(
    settings: Settings,
) -> None:
    alone = options(settings)
    assert alone["proxy_headers"] is False
    given = settings.model_validate({**settings.model_dump(), "trusted_proxies": "10.0.0.0/8, ::1"})
    assert options(given)["forwarded_allow_ips"] == ["10.0.0.0/8", "::1"]
    with pytest.raises(ValueError, match="everybody"):
        settings.model_validate({**settings.model_dump(), "trusted_proxies": "everybody"})
