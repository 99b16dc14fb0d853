"""The front door, for strangers and for people with something to do."""

from datetime import date

from innohub.db.unit_of_work import Database
from innohub.identity.models import OrganisationKind, Role
from innohub.market.catalogue.models import ListingState
from innohub.market.evidence.models import Verdict
from innohub.market.pilots.models import PilotState
from tests.factories import a_supplier, an_organisation, somebody, the_force
from tests.web.shelf import a_listing, a_pilot, a_result
from tests.web.visitor import Seen, Visitor


def numbers(page: Seen) -> dict[str, str]:
    return {
        item.one(class_="innohub-numbers__what").text: item.one(
            class_="innohub-numbers__count"
        ).text
        for item in page.main.all("li", class_="innohub-numbers__item")
    }


def waiting(page: Seen) -> list[str]:
    return [item.text for item in page.main.one("ul", class_="innohub-waiting__list").all("li")]


async def test_an_empty_market_says_so(visitor: Visitor) -> None:
    page = await visitor.see("/")
    assert page.status == 200
    assert numbers(page)["technologies"] == "0"
    assert "No result is published yet." in page.main.text


async def test_it_counts_the_market_and_shows_the_latest_results(
    visitor: Visitor, database: Database
) -> None:
    force = await the_force(database)
    technology = await a_listing(database)
    await a_pilot(database, technology, force, PilotState.RUNNING)
    good = await a_pilot(database, technology, force, PilotState.PUBLISHED)
    bad = await a_pilot(database, technology, force, PilotState.PUBLISHED)
    hidden = await a_pilot(database, technology, force, PilotState.REPORTED)
    await a_result(database, good)
    await a_result(database, bad, Verdict.DIDNT_WORK, finding="It saved nothing.")
    await a_result(database, hidden, Verdict.HARMFUL, finding="A secret still.")
    page = await visitor.see("/")
    assert numbers(page) == {
        "technologies": "1",
        "pilots running": "1",
        "results published": "2",
        "of them failures": "1",
    }
    assert "Did not work" in page.main.text
    assert "It saved nothing." in page.main.text
    assert "A secret still." not in page.main.text


async def test_categories_lead_to_the_search(visitor: Visitor, database: Database) -> None:
    await a_listing(database, category="sensor")
    page = await visitor.see("/")
    assert "/technologies?category=sensor" in page.links("Sensors and cameras")


async def test_nothing_waits_for_a_stranger(visitor: Visitor, database: Database) -> None:
    await a_pilot(
        database, await a_listing(database), await the_force(database), PilotState.SCOPING
    )
    assert not (await visitor.see("/")).main.all("ul", class_="innohub-waiting__list")


async def test_a_supplier_is_told_of_requests_to_answer_and_of_changes_to_make(
    visitor: Visitor, database: Database
) -> None:
    supplier = await a_supplier(database)
    admin = await somebody(database, supplier, Role.SUPPLIER_ADMIN)
    mine = await a_listing(database, supplier=supplier)
    await a_listing(database, "Sent back", supplier=supplier, state=ListingState.CHANGES_REQUESTED)
    pilot = await a_pilot(database, mine, await the_force(database), PilotState.SCOPING)
    others = await a_listing(database, "Another's")
    await a_pilot(database, others, await the_force(database), PilotState.SCOPING)
    await visitor.sign_in_as(admin.person)
    page = await visitor.see("/")
    tasks = waiting(page)
    # Both listings hold an item that expires within 90 days.
    assert [task.startswith("Renew the assurance") for task in tasks] == [False, False, True, True]
    assert tasks[0].startswith("Accept or decline the request: Redaction at headquarters")
    assert f"/pilots/{pilot.id}" in page.links()
    assert tasks[1].startswith("Make the changes that the reviewer asked for: Sent back")


async def test_each_part_in_a_force_is_told_of_its_own_steps_only(
    visitor: Visitor, database: Database
) -> None:
    kent = await the_force(database, "kent")
    technology = await a_listing(database)
    await a_pilot(database, technology, kent, PilotState.OVERLAP_REVIEW, title="Overlapping")
    await a_pilot(
        database,
        technology,
        kent,
        PilotState.SCOPING,
        title="Accepted",
        supplier_accepted_at=database.clock(),
    )
    await a_pilot(database, technology, kent, PilotState.ASSURANCE, title="To sign")
    await a_pilot(database, technology, kent, title="Overrun", end_on=date(2026, 11, 2))
    essex = await the_force(database, "essex")
    await a_pilot(database, technology, essex, PilotState.OVERLAP_REVIEW, title="Of Essex")
    expected = {
        Role.FORCE_INNOVATION_LEAD: ["Overrun", "Overlapping"],
        Role.FORCE_SENIOR_RESPONSIBLE_OWNER: ["Overrun", "Accepted"],
        Role.FORCE_ASSURANCE_REVIEWER: ["To sign"],
    }
    for role, titles in expected.items():
        person = await somebody(database, kent, role)
        await visitor.sign_in_as(person.person)
        page = await visitor.see("/")
        links = [link.text for link in page.main.one(class_="innohub-waiting__list").all("a")]
        assert links == titles, role


async def test_a_reviewer_is_told_of_the_queue(visitor: Visitor, database: Database) -> None:
    company = await an_organisation(database, OrganisationKind.COMPANY)
    reviewer = await somebody(database, company, Role.CATALOGUE_REVIEWER)
    await a_listing(database, "New thing", state=ListingState.IN_REVIEW)
    await visitor.sign_in_as(reviewer.person)
    assert waiting(await visitor.see("/"))[0].startswith("Review the listing: New thing")
