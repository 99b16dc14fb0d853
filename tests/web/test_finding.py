"""What the pages say about how a search was read; and where its words are kept."""

import pytest

from innohub.db.unit_of_work import Database
from innohub.identity.models import OrganisationKind, Role
from tests.factories import an_organisation, somebody
from tests.web.shelf import a_listing
from tests.web.test_technologies import names
from tests.web.visitor import Seen, Visitor


@pytest.fixture
async def reviewer(visitor: Visitor, database: Database) -> Visitor:
    company = await an_organisation(database, OrganisationKind.COMPANY)
    person = await somebody(database, company, Role.CATALOGUE_REVIEWER)
    return await visitor.sign_in_as(person.person)


def reasons(page: Seen) -> list[str]:
    return [why.text for why in page.main.all("p", class_="innohub-card__why")]


async def test_a_mended_search_says_so_and_leads_to_the_literal_one(
    visitor: Visitor, database: Database
) -> None:
    await a_listing(database, "Redactor", summary="Redaction of video.")
    page = await visitor.see("/technologies?q=redacton+video&trl=8")
    assert names(page) == ["Redactor"]
    assert "Showing results for redaction video instead of “redacton video”" in page.main.text
    (literal,) = page.links("Search for just what you typed")
    found = await visitor.see(literal)
    assert found.main.one("input", name="q")["value"] == '"redacton" video'
    assert names(found) == []
    assert "trl=8" in literal


async def test_synonyms_that_were_searched_for_are_named(
    visitor: Visitor, database: Database
) -> None:
    await a_listing(database, "Flyer", summary="A drone.")
    page = await visitor.see("/technologies?q=UAV")
    assert names(page) == ["Flyer"]
    assert "Also searched for: UAS, RPAS, drone" in page.main.text


async def test_evidence_orders_the_page_and_each_result_says_why(
    visitor: Visitor, database: Database
) -> None:
    await a_listing(database, "Unknown")
    await a_listing(database, "Proven", best_verdict="worked", best_grade=4, force_count=1)
    await a_listing(database, "Refuted", best_verdict="didnt_work", best_grade=5)
    page = await visitor.see("/technologies")
    assert names(page) == ["Proven", "Unknown", "Refuted"]
    assert "of evidence grade 4, says that it worked; 1 force piloted it" in reasons(page)[0]
    searched = await visitor.see("/technologies?q=Unknown")
    assert "What you asked for is in its name or summary" in reasons(searched)[0]


async def test_it_is_narrowed_by_what_it_serves_and_by_its_assurance(
    visitor: Visitor, database: Database
) -> None:
    await a_listing(database, "Whole")
    await a_listing(database, "Bare", written=False)
    assert names(await visitor.see("/technologies?capability=investigation")) == ["Whole"]
    assert names(await visitor.see("/technologies?assurance=dpia")) == ["Whole"]
    assert names(await visitor.see("/technologies?verdict=worked")) == []


async def test_a_reviewer_adds_changes_and_retires_words(
    reviewer: Visitor, database: Database
) -> None:
    await a_listing(database, "Hailer", summary="A loudhailer.")
    added = await reviewer.send(
        "/synonyms", "add", {"words": "megaphone\nloudhailer\n", "use": "alike"}
    )
    assert added.flash == "Searches use these words from now on."
    assert names(await reviewer.see("/technologies?q=megaphone")) == ["Hailer"]
    page = await reviewer.see("/synonyms")
    form = next(
        one for one in page.main.all("form") if "megaphone" in one.text and one.all("textarea")
    )
    chosen = form.one("input", name="set_id")["value"]
    changed = await reviewer.send(
        "/synonyms", "change", {"words": "bullhorn\nloudhailer"}, set_id=chosen
    )
    assert changed.flash == "The words are changed, and searches use them."
    assert names(await reviewer.see("/technologies?q=bullhorn")) == ["Hailer"]
    reason = {"reason": "Nobody says this any longer."}
    retired = await reviewer.send("/synonyms", "retire", reason, set_id=chosen)
    assert retired.flash == "No search uses these words any longer."
    assert "bullhorn" in retired.main.text
    assert names(await reviewer.see("/technologies?q=bullhorn")) == []


async def test_words_that_are_none_are_refused_beside_their_field(reviewer: Visitor) -> None:
    page = await reviewer.send("/synonyms", "add", {"words": "alone", "use": "alike"})
    assert page.status == 400
    assert page.problems == ["Give at least two words that stand for each other."]


async def test_others_do_not_keep_the_words(visitor: Visitor, database: Database) -> None:
    board = await an_organisation(database, OrganisationKind.BOARD)
    await visitor.sign_in_as((await somebody(database, board, Role.BOARD_MEMBER)).person)
    assert (await visitor.see("/synonyms")).status == 403
