"""The register of pilots, as everybody reads it."""

from datetime import date, timedelta

from innohub.db.unit_of_work import Database
from innohub.identity.models import Role
from innohub.market.evidence.models import Verdict
from innohub.market.pilots.models import PilotState
from tests.factories import somebody, the_force
from tests.web.shelf import HOSTILE, a_listing, a_pilot, a_result
from tests.web.visitor import Seen, Visitor


def titles(page: Seen) -> list[str]:
    rows = page.main.all("article", class_="innohub-row")
    return [row.one(class_="innohub-row__name").text for row in rows]


def chosen(page: Seen) -> list[str]:
    lists = page.main.all("ul", class_="innohub-chosen")
    return [item.text for item in lists[0].all("li")] if lists else []


async def test_an_empty_register_says_so(visitor: Visitor) -> None:
    page = await visitor.see("/pilots")
    assert page.status == 200
    assert "No pilot stands in the register yet." in page.main.text


async def test_a_row_tells_whose_pilot_it_is_and_what_was_found(
    visitor: Visitor, database: Database
) -> None:
    kent = await the_force(database)
    technology = await a_listing(database)
    told = await a_pilot(database, technology, kent, PilotState.PUBLISHED)
    await a_result(database, told, Verdict.DIDNT_WORK, finding="It saved nothing at all.")
    page = await visitor.see("/pilots")
    (row,) = page.main.all("article", class_="innohub-row")
    for words in (
        "Redaction at headquarters", "Kent Police", "Veilwright", "It saved nothing at all.",
        "Minutes to redact a file", "1 March 2026 to 30 September 2026", "Did not work",
    ):  # fmt: skip
        assert words in row.text
    assert f"/pilots/{told.id}" in page.links()


async def test_a_published_trial_is_told_by_its_place(visitor: Visitor, database: Database) -> None:
    technology = await a_listing(database)
    trial = await a_pilot(database, technology, None, PilotState.PUBLISHED, site="Rialto")
    await a_result(database, trial)
    text = (await visitor.see("/pilots")).main.text
    assert "Published trial Rialto" in text
    assert "Worked" in text


async def test_what_is_not_public_yet_is_for_readers_of_the_register(
    visitor: Visitor, database: Database
) -> None:
    kent = await the_force(database)
    technology = await a_listing(database)
    await a_pilot(database, technology, kent, PilotState.SCOPING, title="Still asked for")
    await a_pilot(database, technology, kent, PilotState.REPORTED, title="Reported in secret")
    assert titles(await visitor.see("/pilots")) == ["Reported in secret"]
    essex = await the_force(database, "essex")
    viewer = await somebody(database, essex, Role.FORCE_VIEWER)
    await visitor.sign_in_as(viewer.person)
    assert set(titles(await visitor.see("/pilots"))) == {"Still asked for", "Reported in secret"}


async def test_a_finding_is_shown_once_it_is_published(
    visitor: Visitor, database: Database
) -> None:
    kent = await the_force(database)
    pilot = await a_pilot(database, await a_listing(database), kent, PilotState.DECIDED)
    await a_result(database, pilot, Verdict.HARMFUL, finding="A secret still.")
    lead = await somebody(database, kent, Role.FORCE_INNOVATION_LEAD)
    for reader in (visitor, await visitor.sign_in_as(lead.person)):
        text = (await reader.see("/pilots")).main.text
        assert "A secret still." not in text
        assert "Harmful" not in text


async def test_each_filter_narrows_and_can_be_taken_away(
    visitor: Visitor, database: Database
) -> None:
    kent, essex = await the_force(database), await the_force(database, "essex")
    technology = await a_listing(database)
    await a_pilot(database, technology, kent, PilotState.RUNNING, title="One")
    await a_pilot(database, technology, essex, PilotState.PAUSED, title="Two")
    await a_pilot(
        database, technology, essex, PilotState.ANALYSING, title="Three", kpi="cost_per_case"
    )
    await a_pilot(database, technology, None, PilotState.PUBLISHED, title="Four")
    for query, expected in (
        ("state=running", ["One"]),
        ("state=running&state=paused", ["Two", "One"]),
        ("state=analysed", ["Three"]),
        ("force=essex", ["Three", "Two"]),
        ("kpi=cost_per_case", ["Three"]),
        ("source=literature", ["Four"]),
        ("source=forces", ["Three", "Two", "One"]),
        ("force=essex&state=paused", ["Two"]),
        ("force=nowhere", []),
        ("state=nonsense&source=nonsense&sort=nonsense", ["Four", "Three", "Two", "One"]),
    ):
        assert titles(await visitor.see(f"/pilots?{query}")) == expected, query
    page = await visitor.see("/pilots?force=essex&state=paused")
    assert [text.removeprefix("✕ Remove ") for text in chosen(page)] == [
        "Paused",
        "Essex Police",
        "Clear all",
    ]
    assert "/pilots?force=essex" in page.links()


async def test_the_ones_that_end_soonest_come_first_when_asked_for(
    visitor: Visitor, database: Database
) -> None:
    kent = await the_force(database)
    technology = await a_listing(database)
    for title, end in (("Soon", date(2026, 12, 1)), ("Late", date(2027, 5, 1))):
        await a_pilot(database, technology, kent, title=title, end_on=end)
    assert titles(await visitor.see("/pilots?sort=ending")) == ["Soon", "Late"]
    assert titles(await visitor.see("/pilots")) == ["Late", "Soon"]


async def test_a_long_register_is_turned_page_by_page(visitor: Visitor, database: Database) -> None:
    kent = await the_force(database)
    technology = await a_listing(database)
    for number in range(15):
        end = date(2026, 12, 1) + timedelta(days=number)
        await a_pilot(database, technology, kent, title=f"Pilot {number}", end_on=end)
    first = await visitor.see("/pilots?sort=ending")
    assert titles(first) == [f"Pilot {number}" for number in range(12)]
    (onwards,) = [a["href"] for a in first.main.all("a", rel="next")]
    second = await visitor.see(onwards)
    assert titles(second) == ["Pilot 12", "Pilot 13", "Pilot 14"]
    (back,) = [a["href"] for a in second.main.all("a", rel="prev")]
    assert titles(await visitor.see(back)) == titles(first)


async def test_what_people_wrote_is_shown_as_text(visitor: Visitor, database: Database) -> None:
    kent = await the_force(database)
    technology = await a_listing(database)
    pilot = await a_pilot(database, technology, kent, title=HOSTILE, site=HOSTILE, question=HOSTILE)
    for path in ("/pilots", f"/pilots/{pilot.id}", f"/pilots/{pilot.id}/protocol"):
        page = await visitor.see(path)
        assert "alert('x')" in page.main.text
        assert not page.main.all("script")
