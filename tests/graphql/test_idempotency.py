"""A request that comes twice changes once, whatever happens between."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, select, text

from innohub.db import idempotency
from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.hub.models import Connection
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation, Role
from innohub.market.catalogue.models import Technology
from tests.conftest import Clock
from tests.factories import a_supplier, somebody
from tests.graphql.conftest import Client
from tests.graphql.matrix.integrations import NEW

DRAFT = """mutation ($input: DraftTechnologyInput!) { draftTechnology(input: $input) {
    ... on TechnologyPayload { technology { id summary revision } }
    ... on Failure { code message } } }"""
EDIT = """mutation ($input: EditTechnologyInput!) { editTechnology(input: $input) {
    ... on TechnologyPayload { technology { summary } } ... on Failure { code message } } }"""
TWO = """mutation ($one: DraftTechnologyInput!, $two: DraftTechnologyInput!) {
    one: draftTechnology(input: $one) { ... on TechnologyPayload { technology { id } }
        ... on Failure { code } }
    two: draftTechnology(input: $two) { ... on TechnologyPayload { technology { id } }
        ... on Failure { code } } }"""
CREATE = """mutation ($input: CreateConnectionInput!) { createIntegration(input: $input) {
    ... on CreatedIntegrationPayload { signingSecret integration { id } }
    ... on Failure { code message } } }"""
NIGHT = {"name": "Night sight", "summary": "Sees.", "category": "drone_uas", "trl": 7}
KEY = '"8e03978e-40d5-43dd-bc93-6894a57f9324"'


@pytest_asyncio.fixture
async def supplier(database: Database) -> Organisation:
    return await a_supplier(database)


@pytest_asyncio.fixture
async def admin(database: Database, supplier: Organisation) -> Actor:
    return (await somebody(database, supplier, Role.SUPPLIER_ADMIN)).actor


async def send(client: Any, query: str = DRAFT, key: str | None = KEY, **variables: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    body = {"query": query, "variables": variables or {"input": NIGHT}}
    return await client.post("/graphql", json=body, headers=headers)


async def count(database: Database, model: Any = Technology) -> int:
    async with database.session() as session:
        return int(await session.scalar(select(func.count()).select_from(model)) or 0)


async def forgotten(database: Database) -> int:
    async with database.session() as session, session.begin():
        return await idempotency.forget(session, now=database.clock())


async def test_the_same_request_again_is_answered_word_for_word(
    api: Client, admin: Actor, database: Database
) -> None:
    client = api(admin)
    first = await send(client)
    made = first.json()["data"]["draftTechnology"]["technology"]
    edit = {"technologyId": made["id"], "summary": "Sees by starlight."}
    await send(client, EDIT, None, input=edit)
    again = await send(client)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert await count(database) == 1


async def test_without_a_key_a_change_is_made_each_time(
    api: Client, admin: Actor, database: Database
) -> None:
    client = api(admin)
    await send(client, key=None)
    await send(client, key=None)
    assert await count(database) == 2


async def test_a_key_with_another_request_is_an_error(
    api: Client, admin: Actor, database: Database
) -> None:
    client = api(admin)
    await send(client)
    other = await send(client, input=NIGHT | {"trl": 8})
    assert other.status_code == 422
    assert other.json()["errors"][0]["extensions"]["code"] == "idempotency_key_reused"
    assert await count(database) == 1


async def test_the_order_of_members_does_not_make_another_request(
    api: Client, admin: Actor, database: Database
) -> None:
    client = api(admin)
    first = await send(client)
    again = await send(client, input=dict(reversed(NIGHT.items())))
    assert again.json() == first.json()


async def test_keys_are_each_callers_own(
    api: Client, admin: Actor, supplier: Organisation, database: Database
) -> None:
    await send(api(admin))
    colleague = (await somebody(database, supplier, Role.SUPPLIER_EDITOR)).actor
    await send(api(colleague), input=NIGHT | {"trl": 8})
    assert await count(database) == 2


async def test_of_several_at_once_one_changes_and_all_get_its_answer(
    api: Client, admin: Actor, database: Database
) -> None:
    client = api(admin)
    answers = await asyncio.gather(*(send(client) for _ in range(5)))
    made = {a.json()["data"]["draftTechnology"]["technology"]["id"] for a in answers}
    assert len(made) == 1
    assert await count(database) == 1


async def test_of_two_different_requests_at_once_one_is_refused(
    api: Client, admin: Actor, database: Database
) -> None:
    client = api(admin)
    answers = await asyncio.gather(send(client), send(client, input=NIGHT | {"trl": 8}))
    assert await count(database) == 1
    assert sum("idempotency_key_reused" in answer.text for answer in answers) == 1


async def test_a_crash_between_the_change_and_its_answer_does_not_double_it(
    api: Client, admin: Actor, database: Database
) -> None:
    client = api(admin)
    first = await send(client)
    async with database.session() as session, session.begin():
        # What a hub leaves that stops after the commit, before it answers.
        await session.execute(text("UPDATE idempotent_step SET answer = NULL"))
    again = await send(client)
    assert again.json() == first.json()
    assert await count(database) == 1


async def test_a_crash_before_the_commit_leaves_the_key_free(
    api: Client, admin: Actor, database: Database
) -> None:
    async def fails(work: UnitOfWork) -> None:
        raise RuntimeError("the power goes")

    client = api(admin)
    database.before_commit.append(fails)
    broken = await send(client)
    assert broken.json()["errors"][0]["extensions"]["code"] == "internal"
    database.before_commit.remove(fails)
    assert (await send(client)).json()["data"]["draftTechnology"]["technology"]
    assert await count(database) == 1


async def test_a_refusal_changed_nothing_and_keeps_no_key(api: Client, admin: Actor) -> None:
    client = api(admin)
    refused = await send(client, input=NIGHT | {"category": "nonsense"})
    assert refused.json()["data"]["draftTechnology"]["code"] == "invalid"
    assert (await send(client)).json()["data"]["draftTechnology"]["technology"]


async def test_of_a_request_with_two_changes_only_what_failed_is_tried_again(
    api: Client, admin: Actor, database: Database
) -> None:
    client = api(admin)
    given = {"one": NIGHT, "two": NIGHT | {"category": "nonsense"}}
    first = await send(client, TWO, **given)
    assert first.json()["data"]["two"] == {"code": "invalid"}
    again = await send(client, TWO, **given)
    assert again.json() == first.json()
    assert await count(database) == 1


async def test_a_key_is_kept_for_24_hours(
    api: Client, admin: Actor, database: Database, clock: Clock
) -> None:
    client = api(admin)
    await send(client)
    clock.now += timedelta(hours=23, minutes=59)
    await send(client)
    assert await count(database) == 1
    clock.now += timedelta(minutes=2)
    later = await send(client, input=NIGHT | {"trl": 8})
    assert later.json()["data"]["draftTechnology"]["technology"]
    assert await count(database) == 2
    assert await forgotten(database) == 0
    clock.pass_days(2)
    assert await forgotten(database) == 1


async def test_a_secret_that_is_shown_once_is_shown_again_but_not_stored_in_the_clear(
    api: Client, admin: Actor, database: Database
) -> None:
    client = api(admin)
    given = NEW | {"name": "Their system"}
    first = await send(client, CREATE, input=given)
    secret = first.json()["data"]["createIntegration"]["signingSecret"]
    async with database.session() as session:
        stored = (await session.scalars(text("SELECT s::text FROM idempotent_step s"))).all()
    assert len(stored) == 1
    assert secret not in stored[0]
    again = await send(client, CREATE, input=given)
    assert again.json() == first.json()
    assert await count(database, Connection) == 1


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "two\twords"])
async def test_a_key_that_is_none_is_a_bad_request(api: Client, admin: Actor, key: str) -> None:
    answer = await send(api(admin), key=key)
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["errors"][0]["message"]


async def test_a_query_takes_no_notice_of_a_key(api: Client, admin: Actor) -> None:
    client = api(admin)
    query = "query ($s: String!) { force(slug: $s) { name } }"
    for slug in ("kent", "essex"):
        answer = await send(client, query, s=slug)
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"]["force"]
