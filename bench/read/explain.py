"""The statement that the hub sends for the browse query, and PostgreSQL's plan for it."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx2

from innohub.app import create_app

from .data import Market
from .queries import Query

PLANS = {"for these values": "force_custom_plan", "for any values": "force_generic_plan"}


async def explain(market: Market, query: Query) -> list[str]:
    """The plans, as lines of text: the statement is caught on its way to PostgreSQL."""
    app = create_app(market.settings)
    reads = app.state.reads
    sent: list[Any] = []
    async with reads.connection() as connection:
        connection.add_query_logger(sent.append)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        body = {"query": query.ours, "variables": query.asked[0].ours}
        answer = await client.post("/graphql", json=body, headers={"Cookie": market.cookie})
        answer.raise_for_status()
    await asyncio.sleep(0.1)  # asyncpg tells its loggers later
    # asyncpg asks for types by itself, and at length.
    own = [each for each in sent if "pg_catalog" not in each.query]
    statement = max(own, key=lambda each: len(each.query))
    async with reads.connection() as connection:
        lines = await _plans(connection, statement.query, statement.args)
    await reads.close()
    return [f"{query.name}, {query.asked[0].ours}:", statement.query, *lines]


async def _plans(connection: Any, statement: str, parameters: Sequence[Any]) -> list[str]:
    """The plan made for the values at hand, and the one that PostgreSQL keeps for all."""
    lines: list[str] = []
    types = [type_.name for type_ in (await connection.prepare(statement)).get_parameters()]
    values = [
        await connection.fetchval("SELECT quote_literal($1)", _text(each)) for each in parameters
    ]
    await connection.execute(f"PREPARE explained ({', '.join(types)}) AS {statement}")
    for name, mode in PLANS.items():
        await connection.execute(f"SET plan_cache_mode = {mode}")
        lines.append(f"Plan {name}:")
        text = f"EXPLAIN (ANALYZE, BUFFERS) EXECUTE explained ({', '.join(values)})"
        lines += [row[0] for row in await connection.fetch(text)]
    return lines


def _text(value: Any) -> str:
    """As PostgreSQL reads it: an array in braces."""
    if isinstance(value, list):
        return "{" + ",".join(map(str, value)) + "}"
    return str(value)
