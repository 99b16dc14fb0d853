"""What it costs: the hub's search against PostgreSQL's own, in turns, on the same connections."""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

import asyncpg
from read.data import Market
from read.queries import SEARCHES

from innohub.db.engine import ReadPool, create_engine, read_url
from innohub.db.unit_of_work import Database
from innohub.graphql.context import Context
from innohub.graphql.operations import Operations
from innohub.graphql.schema import schema
from innohub.hub.wiring import Hub
from innohub.identity.actor import STRANGER

DOCUMENT = (Path(__file__).parents[1] / "read" / "documents" / "search.graphql").read_text()
BARE = (Path(__file__).parent / "bare.sql").read_text()
LEARN = """
    SELECT search_learn(string_agg(concat_ws(' ', name, summary, search_text), ' '))
    FROM (SELECT * FROM technology WHERE state = 'published' LIMIT 5000) some_of_them
"""
"""The words of 997 sentences, of which all listings are made; filling goes past the triggers."""
MISTYPED = "gunshto drone thermla"
"""The dearest case: two words are mended."""

Ask = Callable[[str], Awaitable[object]]


async def measure(market: Market, rounds: int) -> dict[str, float]:
    """Medians in ms, and their ratios within each round: the hub's to the bare statement's."""
    settings = market.settings
    await _learn(market.url)
    engine, reads = create_engine(market.url, settings), ReadPool(market.url, settings)
    operations = Operations(schema._schema)
    context = Context(STRANGER, Hub.of(settings), Database(engine), reads, "bench")
    prepared = operations.prepare(DOCUMENT)

    async def ours(search: str) -> None:
        answer = await operations.execute(prepared, {"search": search}, context)
        assert not answer.errors, answer.errors

    async def bare(search: str) -> None:
        async with reads.connection() as connection:
            await connection.fetchval(BARE, search)

    try:
        return await _in_turns(ours, bare, rounds)
    finally:
        await reads.close()
        await engine.dispose()


async def _in_turns(ours: Ask, bare: Ask, rounds: int) -> dict[str, float]:
    for search in SEARCHES:
        await ours(search)
        await bare(search)
    times: dict[str, list[float]] = {"ours": [], "bare": [], "mended": [], "ratio": []}
    for turn in range(rounds):
        for search in SEARCHES:
            variants = [("ours", ours), ("bare", bare)]
            took = {
                name: await _timed(ask, search) for name, ask in variants[:: 1 if turn % 2 else -1]
            }
            times["ours"].append(took["ours"])
            times["bare"].append(took["bare"])
            times["ratio"].append(took["ours"] / took["bare"])
        times["mended"].append(await _timed(ours, MISTYPED))
    return {
        "latency_vs_bare_sql": round(median(times["ratio"]), 2),
        "ours_ms": round(median(times["ours"]), 1),
        "bare_ms": round(median(times["bare"]), 1),
        "mistyped_ms": round(median(times["mended"]), 1),
    }


async def _timed(ask: Ask, search: str) -> float:
    began = time.perf_counter()
    await ask(search)
    return (time.perf_counter() - began) * 1000


async def _learn(url: str) -> None:
    connection = await asyncpg.connect(read_url(url))
    try:
        await connection.execute(LEARN)
    finally:
        await connection.close()
