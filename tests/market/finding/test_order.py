"""The order by evidence, and why a listing stands where it does."""

from typing import Any

import pytest
from sqlalchemy import text

from innohub.db.unit_of_work import Database
from tests.market.finding.conftest import Finds
from tests.web.shelf import a_listing

BETTER_FIRST: list[dict[str, Any]] = [
    {"best_verdict": "worked", "best_grade": 5},
    {"best_verdict": "worked", "best_grade": 4, "force_count": 3},
    {"best_verdict": "worked", "best_grade": 4, "force_count": 2, "rating_mean": 4.5},
    {"best_verdict": "worked", "best_grade": 4, "force_count": 2},
    {"best_verdict": "promising", "best_grade": 4, "force_count": 40},
    {"best_verdict": "promising", "best_grade": 3},
    {"best_verdict": "inconclusive", "best_grade": 5},
    {"best_verdict": "not_assessable", "best_grade": 0},
    {"force_count": 2},
    {"rating_mean": 3.4, "rating_count": 1},
    {},
    {"best_verdict": "didnt_work", "best_grade": 3},
    {"best_verdict": "harmful", "best_grade": 3},
]


async def why(database: Database, order: str, search: str) -> str:
    async with database.session() as session:
        statement = text("SELECT search_why(t, :o, search_terms(:s)) FROM technology t LIMIT 1")
        return str(await session.scalar(statement, {"o": order, "s": search}))


async def test_better_evidence_stands_first(database: Database, finds: Finds) -> None:
    for place, facts in enumerate(BETTER_FIRST):
        await a_listing(database, f"Number {place:02}", **facts)
    assert await finds("-nothing") == [f"Number {n:02}" for n in range(len(BETTER_FIRST))]


async def test_a_better_fit_stands_before_better_evidence(database: Database, finds: Finds) -> None:
    await a_listing(
        database, "Passing", summary="x", search_text="Also flies a drone.",
        best_verdict="worked", best_grade=5,
    )  # fmt: skip
    await a_listing(database, "Meant", summary="A drone.")
    assert await finds("drone") == ["Meant", "Passing"]


@pytest.mark.parametrize(
    ("order", "search", "sentence"),
    [
        (
            "evidence",
            "",
            "Its strongest result, of evidence grade 4, says that it worked; 2 forces piloted it;"
            " rated 3.8 of 5 by 4 forces.",
        ),
        (
            "relevance",
            "drone dock",
            "All your words are in its name or summary; its strongest result, of evidence grade 4,"
            " says that it worked; 2 forces piloted it; rated 3.8 of 5 by 4 forces.",
        ),
        (
            "relevance",
            "drone helicopter roof",
            "2 of your 3 words are in it; its strongest result, of evidence grade 4, says that it"
            " worked; 2 forces piloted it; rated 3.8 of 5 by 4 forces.",
        ),
        (
            "rating",
            "drone",
            "Rated 3.8 of 5 by 4 forces, drawn towards 3.0 while few forces have rated it.",
        ),
        ("newest", "drone", "Published on 2 November 2026."),
    ],
)
async def test_it_says_why_in_one_sentence(
    database: Database, order: str, search: str, sentence: str
) -> None:
    await a_listing(
        database, "Dock", summary="A drone on a roof.", best_verdict="worked", best_grade=4,
        force_count=2, rating_mean=3.75, rating_count=4,
    )  # fmt: skip
    assert await why(database, order, search) == sentence


async def test_what_nobody_piloted_says_so(database: Database) -> None:
    await a_listing(database, "Dock")
    assert await why(database, "evidence", "") == (
        "Its pilots have published no result yet; no force has piloted it; not rated yet."
    )
