from collections.abc import Awaitable, Callable, Sequence

import pytest
from sqlalchemy import text

from innohub.db.unit_of_work import Database

Finds = Callable[[str], Awaitable[Sequence[str]]]

FOUND = text("""
    SELECT name FROM technology
    WHERE state = 'published' AND search @@ (SELECT search_matching(:asked))
    ORDER BY search_band(search, (SELECT search_terms(:asked))) DESC, evidence DESC, id DESC
""")


@pytest.fixture
def finds(database: Database) -> Finds:
    """The names that a search finds, in the order of the page."""

    async def find(asked: str) -> Sequence[str]:
        async with database.session() as session:
            return (await session.scalars(FOUND, {"asked": asked})).all()

    return find
