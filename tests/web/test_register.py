"""The public register, as anybody reads it and takes it away."""

import csv
import io
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from innohub.db.unit_of_work import Database
from innohub.identity.models import Organisation
from innohub.market.pilots.models import Pilot, PilotState, Protocol
from innohub.market.working_days import LONDON, london_date
from innohub.web.downloads import Column, csv_file
from tests.factories import a_supplier, the_force
from tests.web.shelf import HOSTILE, a_listing, a_pilot, a_result
from tests.web.visitor import Visitor

DAY = timedelta(days=1)


async def a_promise(
    database: Database,
    technology: Any,
    force: Organisation,
    *,
    due: int,
    reported: int | None = None,
    **facts: Any,
) -> Pilot:
    """A registered pilot, its result due and, at noon in London, reported so many days from
    today: late in the evening, a moment some months ago may stand on the next day there."""
    today = london_date(datetime.now(UTC))
    state = PilotState.RUNNING if reported is None else PilotState.PUBLISHED
    at = None
    if reported is not None:
        at = datetime.combine(today + reported * DAY, time(12), LONDON)
    pilot = await a_pilot(database, technology, force, state, reported_at=at, **facts)
    async with database.session() as session, session.begin():
        await session.execute(
            update(Protocol)
            .where(Protocol.pilot_id == pilot.id)
            .values(result_due_on=today + due * DAY)
        )
    return pilot


@pytest.fixture
async def register(database: Database) -> dict[str, Pilot]:
    """One pilot of each standing, of two forces and two suppliers."""
    kent = await the_force(database, "kent")
    dorset = await the_force(database, "dorset")
    first = await a_listing(database, "Redactor", supplier=await a_supplier(database, "Plover"))
    second = await a_listing(database, "Drone dock", supplier=await a_supplier(database, "Heron"))
    promises = {
        "on time": await a_promise(database, first, kent, due=-100, reported=-105, title="Kept"),
        "late": await a_promise(database, first, kent, due=-100, reported=-90, title="Slow"),
        "due": await a_promise(database, second, dorset, due=-10, title="Owed"),
        "unreported": await a_promise(database, second, kent, due=-50, title="Silent"),
        "not due": await a_promise(database, second, dorset, due=50, title="Ahead"),
    }
    await a_result(database, promises["on time"])
    return promises


async def test_what_is_owed_longest_stands_first(visitor: Visitor, register: Any) -> None:
    page = await visitor.see("/register")
    rows = page.main.all("table")[0].all("tr")[1:]
    assert [row.one("th").one("a").text for row in rows] == [
        "Silent", "Owed", "Ahead", "Slow", "Kept",
    ]  # fmt: skip
    assert "50 days overdue" in rows[0].text
    assert "Not due yet" in rows[2].text
    assert "10 days late" in rows[3].text
    assert "Worked" in rows[4].text


async def test_it_says_in_a_sentence_and_a_picture_what_was_kept(
    visitor: Visitor, register: Any
) -> None:
    page = await visitor.see("/register")
    told = (
        "2 of the 4 results that fell due were reported (50%), 1 of them on time. "
        "2 are owed, 1 of them for more than 30 days."
    )
    assert told in page.main.text
    picture = page.main.one("svg", class_="innohub-shares")
    assert picture["aria-label"] == f"5 registered pilots. {told}"


async def test_forces_and_suppliers_stand_with_their_share(visitor: Visitor, register: Any) -> None:
    _, forces, suppliers = (await visitor.see("/register")).main.all("table")
    assert [[cell.text for cell in row.all("td")][1:] for row in forces.all("tr")[1:]] == [
        ["1", "1", "1", "1", "0"],
        ["0", "0", "1", "0", "1"],
    ]
    names = [row.one("th").text for row in suppliers.all("tr")[1:]]
    assert names == ["Heron", "Plover"]
    assert "(2 of 2)" in suppliers.all("tr")[2].text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("reporting=UNREPORTED", ["Silent"]),
        ("reporting=ON_TIME", ["Kept"]),
        ("force=dorset", ["Owed", "Ahead"]),
        ("supplier=plover", ["Slow", "Kept"]),
        ("force=kent&supplier=heron", ["Silent"]),
        ("reporting=nonsense", ["Silent", "Owed", "Ahead", "Slow", "Kept"]),
        ("force=nowhere", []),
    ],
)
async def test_it_is_narrowed_on_the_page_and_in_the_file(
    visitor: Visitor, register: Any, asked: str, found: list[str]
) -> None:
    page = await visitor.see(f"/register?{asked}")
    cells = page.main.all("th", scope="row")
    links = [cell.one("a") for cell in cells if cell.one("a")["href"].startswith("/pilots/")]
    assert [link.text for link in links] == found
    assert [row["title"] for row in await the_file(visitor, f"?{asked}")] == found


async def the_file(visitor: Visitor, query: str = "") -> list[dict[str, str]]:
    response = await visitor.client.get(f"/register.csv{query}")
    assert response.status_code == 200
    assert response.headers["content-disposition"] == 'attachment; filename="register.csv"'
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


async def test_the_codebook_explains_every_column_of_the_file(
    visitor: Visitor, register: Any
) -> None:
    rows = await the_file(visitor)
    response = await visitor.client.get("/register-codebook.csv")
    book = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [line["column"] for line in book] == list(rows[0])
    assert all(line["meaning"] for line in book)
    assert (rows[0]["reporting"], rows[0]["days_late"]) == ("unreported", "50")
    assert rows[4]["verdict"] == "worked"


async def test_a_result_that_is_not_published_keeps_its_verdict(
    visitor: Visitor, database: Database
) -> None:
    technology = await a_listing(database)
    pilot = await a_promise(
        database, technology, await the_force(database, "kent"), due=-5, reported=-6
    )
    async with database.session() as session, session.begin():
        await session.execute(
            update(Pilot)
            .where(Pilot.id == pilot.id)
            .values(state=PilotState.REPORTED, published_at=None)
        )
        pilot.state = PilotState.REPORTED
    await a_result(database, pilot)
    assert "Worked" not in (await visitor.see("/register")).main.text
    (row,) = await the_file(visitor)
    assert (row["reporting"], row["verdict"]) == ("on_time", "")


async def test_drafts_and_published_trials_do_not_stand_there(
    visitor: Visitor, database: Database
) -> None:
    technology = await a_listing(database)
    await a_pilot(database, technology, None, PilotState.PUBLISHED)
    await a_pilot(database, technology, await the_force(database, "kent"), PilotState.SCOPING)
    page = await visitor.see("/register")
    assert "No pilot stands in the register yet." in page.main.text
    assert await the_file(visitor) == []


async def test_force_and_supplier_pages_lead_there(visitor: Visitor, register: Any) -> None:
    page = await visitor.see("/forces/kent")
    assert "2 of the 3 results that fell due were reported (67%)" in page.main.text
    assert "/register?force=kent" in page.links()
    page = await visitor.see("/suppliers/plover")
    assert "2 of the 2 results that fell due were reported (100%)" in page.main.text
    assert "/register?supplier=plover" in page.links()


async def test_a_hostile_title_is_only_text(visitor: Visitor, database: Database) -> None:
    technology = await a_listing(database)
    await a_promise(database, technology, await the_force(database, "kent"), due=5, title=HOSTILE)
    assert HOSTILE in (await visitor.see("/register")).main.text


@pytest.mark.parametrize("text", ["=1+1", "+44", "-2", "@SUM(A1)", "\tx", "\n=1", "＝1+1"])
def test_no_text_of_a_file_is_carried_out_by_a_spreadsheet(text: str) -> None:
    response = csv_file("x", [Column("a", "What it is")], [{"a": text}])
    assert next(csv.reader(io.StringIO(bytes(response.body).decode("utf-8-sig").split("\r\n")[1])))[
        0
    ].startswith("'")
