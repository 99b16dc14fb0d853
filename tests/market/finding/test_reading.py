"""How a search is read: synonyms, typing errors, phrases, exclusions, alternatives."""

from typing import Any

import pytest
from sqlalchemy import text

from innohub.db.unit_of_work import Database
from innohub.market.catalogue.models import ListingState
from tests.market.finding.conftest import Finds
from tests.web.shelf import a_listing


@pytest.fixture
async def shelf(database: Database) -> None:
    """Five listings that the searches of these tests are about."""
    for name, summary in (
        ("Roadwren", "A camera that reads number plates from a patrol car."),
        ("Fennscan", "A drone that looks for missing people."),
        ("Plovercam", "A body-worn camera with a long battery life."),
        ("Veilwright", "Redaction of video and of documents."),
        ("Casefold", "Builds a case file from the records system."),
    ):
        await a_listing(database, name, summary=summary)


async def reading(database: Database, asked: str) -> Any:
    async with database.session() as session:
        statement = text("SELECT corrected, wrong, instead FROM search_read(:asked)")
        return (await session.execute(statement, {"asked": asked})).one()


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("ANPR", "Roadwren"),
        ("automatic number plate recognition", "Roadwren"),
        ("UAV", "Fennscan"),
        ("UAS for mispers", "Fennscan"),
        ("BWV", "Plovercam"),
        ("bodycam", "Plovercam"),
        ("MG files", "Casefold"),
        ("blur faces in video", "Veilwright"),
    ],
)
async def test_words_of_policing_find_what_others_call_otherwise(
    finds: Finds, asked: str, name: str
) -> None:
    assert (await finds(asked))[0] == name


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("asked", "read_as"),
    [
        ("redacton", "redaction"),
        ("redacton of vidoe", "redaction of video"),
        ("dorne", "drone"),
        ("batery", "battery"),
        ("anrp", "anpr"),
    ],
)
async def test_a_mistyped_word_is_read_as_the_nearest_one_known(
    database: Database, asked: str, read_as: str
) -> None:
    async with database.session() as session, session.begin():
        await session.execute(text("SELECT search_learn('anpr')"))
    assert (await reading(database, asked)).corrected == read_as


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("asked", ["drone", "ANPR", "the", "zzzzzzzz", '"redacton"', "-redacton"])
async def test_what_is_known_quoted_excluded_or_like_nothing_stays_as_it_is(
    database: Database, asked: str
) -> None:
    assert (await reading(database, asked)).wrong == []


async def test_words_of_drafts_are_never_offered(database: Database) -> None:
    await a_listing(database, "Secretive", state=ListingState.DRAFT)
    assert (await reading(database, "secretiv")).wrong == []


async def test_words_of_a_listing_no_longer_published_are_not_offered(database: Database) -> None:
    listing = await a_listing(database, "Quagmire")
    assert (await reading(database, "quagmrie")).instead == ["quagmire"]
    async with database.session() as session, session.begin():
        await session.execute(
            text("UPDATE technology SET state = 'withdrawn' WHERE id = :id"), {"id": listing.id}
        )
    assert (await reading(database, "quagmrie")).instead == []


@pytest.mark.usefixtures("shelf")
async def test_an_excluded_word_excludes_itself_and_none_of_its_synonyms(finds: Finds) -> None:
    assert await finds("drone -uav") == ["Fennscan"]
    assert await finds("drone -missing") == []
    assert await finds('camera -"number plates"') == ["Plovercam"]


@pytest.mark.usefixtures("shelf")
async def test_a_phrase_is_taken_word_for_word(finds: Finds) -> None:
    assert await finds('"case file"') == ["Casefold"]
    assert await finds('"file case"') == []
    assert await finds('"UAV"') == []


@pytest.mark.usefixtures("shelf")
async def test_or_finds_either(finds: Finds) -> None:
    assert set(await finds('drone or "case file"')) == {"Fennscan", "Casefold"}
    assert set(await finds("bodycam OR anpr")) == {"Plovercam", "Roadwren"}


@pytest.mark.usefixtures("shelf")
async def test_a_need_told_in_a_sentence_finds_what_has_most_of_its_words(finds: Finds) -> None:
    assert (await finds("officers spend too long redacting hours of video"))[0] == "Veilwright"
    assert (await finds("we need to find missing people with a helicopter"))[0] == "Fennscan"


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("asked", ["", "-", '"', "or", "or or", "''", "\\", "a | b & !", "%s :x"])
async def test_whatever_is_typed_is_read(finds: Finds, asked: str) -> None:
    await finds(asked)


@pytest.mark.usefixtures("shelf")
async def test_a_very_long_search_is_read_in_time(finds: Finds) -> None:
    await finds(" ".join(f"wordnumber{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(600)))


@pytest.mark.parametrize(
    ("one", "other", "changes"),
    [("redaction", "redaction", 0), ("drone", "dorne", 1), ("video", "vido", 1), ("abc", "cab", 2)],
)
async def test_the_distance_of_words_counts_letters_and_exchanges(
    database: Database, one: str, other: str, changes: int
) -> None:
    async with database.session() as session:
        statement = text("SELECT search_distance(:one, :other)")
        assert await session.scalar(statement, {"one": one, "other": other}) == changes
