"""The five queries, in every variant's own words, with many values for their variables."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from innohub.db import identifiers
from innohub.db.engine import read_url

from .data import Market

DOCUMENTS = Path(__file__).parent / "documents"
NAMES = ("browse", "detail", "search", "deep", "node")
VALUES = 64
"""How many values a query's variable takes in turn, at most."""

SEARCHES = (
    "fleet battery",
    '"number plate"',
    "gunshot drone thermal",
    "redaction court file",
    "kiosk appointment",
    "tower light thermal",
    "gate barrier",
    "missing person tracking",
    "fuel emission -scanner",
    "open source intelligence",
)
"""Each finds between 70 and 1,000 of the 20,000 technologies."""

RICH = """
SELECT id, slug FROM technology t
WHERE state = 'published' AND best_grade IS NOT NULL AND rating_count BETWEEN 3 AND 20
ORDER BY hashint8(id) LIMIT $1
"""
CATEGORIES = """
SELECT category FROM technology WHERE state = 'published'
GROUP BY category HAVING count(*) > 60 ORDER BY category
"""


@dataclass(frozen=True)
class Asked:
    """One request: the variables of our document and of PostGraphile's, and the parameters of the
    hand-written statement in their order."""

    ours: dict[str, Any]
    postgraphile: dict[str, Any]
    parameters: Sequence[Any]


@dataclass(frozen=True)
class Query:
    name: str
    ours: str
    postgraphile: str
    asked: Sequence[Asked]


async def of(market: Market, names: Sequence[str]) -> list[Query]:
    """The named queries with values from this market."""
    connection = await asyncpg.connect(read_url(market.url))
    try:
        asked = await _asked(connection, market)
    finally:
        await connection.close()
    return [Query(n, _ours(n), _postgraphile(n), asked[n]) for n in names]


def statement(name: str) -> str:
    """The query as SQL written by hand; its value is the whole answer, as JSON text."""
    return (DOCUMENTS / f"{name}.sql").read_text()


def _ours(name: str) -> str:
    """Our document."""
    return (DOCUMENTS / f"{name}.graphql").read_text()


def _postgraphile(name: str) -> str:
    return (DOCUMENTS / f"{name}.postgraphile.graphql").read_text()


async def _asked(connection: Any, market: Market) -> dict[str, list[Asked]]:
    categories = [row[0] for row in await connection.fetch(CATEGORIES)]
    rich = await connection.fetch(RICH, VALUES)
    forces = await connection.fetch(
        "SELECT slug FROM organisation WHERE kind = 'force' AND valid_to IS NULL ORDER BY slug"
    )
    force = market.force_id
    return {
        "browse": [Asked({"category": [c]}, {"category": c}, [c]) for c in categories],
        "detail": [Asked({"slug": s}, {"slug": s}, [s, force]) for _, s in rich],
        "search": [Asked({"search": s}, {"search": s}, [s]) for s in SEARCHES],
        "deep": [Asked({"slug": s}, {"slug": s}, [s]) for (s,) in forces],
        "node": [
            Asked({"id": identifiers.encode("Technology", i)}, {"id": _their_id(i)}, [i])
            for i, _ in rich
        ],
    }


def _their_id(id: int) -> str:
    """A technology's global id as PostGraphile writes it: its keys are text."""
    return base64.b64encode(json.dumps(["Technology", str(id)]).replace(" ", "").encode()).decode()
