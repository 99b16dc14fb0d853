"""The database is away: nobody is told that something went wrong, but when to come back."""

import asyncpg
import httpx2
import pytest_asyncio

from innohub.app import create_app
from innohub.db.embedded.wheel import free_port
from innohub.db.engine import read_url
from innohub.settings import Settings


@pytest_asyncio.fixture
async def away(settings: Settings) -> httpx2.AsyncClient:
    nowhere = f"postgresql://innohub:none@127.0.0.1:{free_port()}/innohub"
    app = create_app(settings.model_copy(update={"database_url": nowhere}))
    transport = httpx2.ASGITransport(app=app)
    return httpx2.AsyncClient(transport=transport, base_url="http://hub.test")


async def test_a_page_says_when_to_load_it_again(away: httpx2.AsyncClient) -> None:
    async with away:
        answer = await away.get("/technologies")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "InnoHub is not available just now" in answer.text
    assert "The fault is ours" not in answer.text


async def test_a_page_that_waits_behind_a_migration_says_so_too(
    settings: Settings, migrated_url: str
) -> None:
    app = create_app(settings.model_copy(update={"statement_timeout_ms": 100}))
    migrating = await asyncpg.connect(read_url(migrated_url))
    try:
        await migrating.execute("BEGIN; LOCK TABLE technology")
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://hub.test") as visitor:
            answer = await visitor.get("/technologies")
    finally:
        await migrating.close()
        await app.state.reads.close()
        await app.state.database.engine.dispose()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_the_api_answers_in_its_own_form(away: httpx2.AsyncClient) -> None:
    async with away:
        answer = await away.post("/graphql", json={"query": "{ technologies { totalCount } }"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["errors"][0]["extensions"]["code"] == "unavailable"
