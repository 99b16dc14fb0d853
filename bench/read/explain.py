"""The statement that the hub sends for the browse query, and PostgreSQL's plan for it."""

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
    lines: list[str] = []
    async with reads.connection() as connection:
        connection.add_query_logger(sent.append)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        body = {"query": query.ours, "variables": query.asked[0].ours}
        answer = await client.post("/graphql", json=body, headers={"Cookie": market.cookie})
        answer.raise_for_status()
    statement = max(sent, key=lambda each: len(each.query))
    async with reads.connection() as connection:
        for name, mode in PLANS.items():
            await connection.execute(f"SET plan_cache_mode = {mode}")
            text = f"EXPLAIN (ANALYZE, BUFFERS) {statement.query}"
            lines.append(f"Plan {name} of {query.name}, {query.asked[0].ours}:")
            lines += [row[0] for row in await connection.fetch(text, *statement.args)]
    await reads.close()
    return [statement.query, *lines]
