"""A file of observations through the pages: how far its check is, what is wrong, what it holds."""

import pytest_asyncio
from sqlalchemy import func, select

from innohub.db.unit_of_work import Database
from innohub.market.evidence import service
from innohub.market.evidence.models import TrialDataset
from innohub.market.evidence.observing.models import TrialUpload, UploadState
from innohub.market.pilots.models import Pilot
from tests.market.evidence.uploads import observed
from tests.market.pilots.cast import Cast, a_cast
from tests.web.parts import as_actor, resend
from tests.web.visitor import Seen, Visitor


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def upload(visitor: Visitor, pilot: Pilot, content: bytes) -> Seen:
    page: Seen = await visitor.send(f"/pilots/{pilot.id}/results", "upload", {"csv": content})
    return page


async def checked(visitor: Visitor, cast: Cast, page: Seen) -> Seen:
    """The page once the worker was there."""
    await service.check_due(cast.database)
    return await visitor.see(str(page.response.url.path))


async def recorded(cast: Cast) -> int:
    async with cast.database.session() as session:
        return int(await session.scalar(select(func.count()).select_from(TrialDataset)) or 0)


async def test_a_file_is_checked_shown_and_recorded(visitor: Visitor, cast: Cast) -> None:
    pilot = await cast.running()
    await as_actor(visitor, cast["analyst"])
    page = await upload(visitor, pilot, b"\xef\xbb\xbf" + observed())
    assert page.heading == "The file is being checked"
    assert "0% read" in page.main.text
    assert page.main.one("progress")["max"] == "100"
    listed = await visitor.see(f"/pilots/{pilot.id}/results")
    assert page.response.url.path in listed.links("upload.csv")
    page = await checked(visitor, cast, page)
    assert page.heading == "Check what was understood"
    facts = {
        row.one("dt").text: row.one("dd").text
        for row in page.main.all("div", class_="govuk-summary-list__row")
    }
    assert facts == {
        "Rows": "800 observations",
        "Sites": "1",
        "Columns": "arm, period, site, unit_id, event",
        "Written as": "UTF-8 with a byte order mark, separated by commas",
    }
    assert "With the technology, after 80 400 20.0%" in page.main.text
    assert await recorded(cast) == 0
    page = await resend(visitor, page, str(page.response.url.path), "record")
    assert page.flash.startswith("The data are recorded")
    assert "Added up from 800 observations." in page.main.text
    assert await recorded(cast) == 1


async def test_problems_are_told_by_row_and_column_and_can_be_downloaded(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await cast.running()
    await as_actor(visitor, cast["analyst"])
    faulty = observed() + b"treatment,after,Medway,=X,1\n" * 30
    page = await checked(visitor, cast, await upload(visitor, pilot, faulty))
    assert page.heading == "The file has problems"
    assert "30 problems were found. Nothing was stored" in page.main.text
    assert "And 10 further problems." in page.main.text
    (table,) = page.main.all("table")
    first = [cell.text for cell in table.all("tr")[1].all("td")]
    assert first[:2] == ["802", "unit_id"]
    assert not page.has_form("record")
    answer = await visitor.client.get(f"{page.response.url.path}/problems.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = answer.text.lstrip("\ufeff").splitlines()
    assert lines[0] == "row,column,problem"
    assert len(lines) == 31
    assert await recorded(cast) == 0


async def test_a_file_is_taken_back(visitor: Visitor, cast: Cast) -> None:
    pilot = await cast.running()
    await as_actor(visitor, cast["analyst"])
    page = await checked(visitor, cast, await upload(visitor, pilot, observed()))
    path = str(page.response.url.path)
    page = await resend(visitor, page, path, "abandon")
    assert page.flash == "The upload is taken back. Nothing of it is kept."
    assert (await visitor.see(path)).heading == "This upload was taken back"
    assert await recorded(cast) == 0


async def test_a_file_of_another_table_is_refused_with_every_column(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await cast.running()
    await as_actor(visitor, cast["analyst"])
    page = await upload(visitor, pilot, b"arm,site,surname,event,event\ntreatment,Kent,Doe,1,1\n")
    columns = "arm, period, on, site, cluster, unit_id, event, unit"
    assert page.problems[1:] == [
        f"Line 1, column surname: Unknown column \u201csurname\u201d: the columns are {columns}.",
        "Line 1, column event: The column \u201cevent\u201d appears twice.",
        "Line 1, column period: Give either \u201cperiod\u201d or \u201con\u201d, the day that "
        "decides it.",
    ]
    async with cast.database.session() as session:
        assert (await session.scalars(select(TrialUpload))).all() == []


async def test_an_upload_is_seen_by_those_who_may_hand_in_and_at_its_own_pilot(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await cast.running()
    await as_actor(visitor, cast["analyst"])
    page = await checked(visitor, cast, await upload(visitor, pilot, observed()))
    path = str(page.response.url.path)
    elsewhere = path.replace(f"/pilots/{pilot.id}/", f"/pilots/{pilot.id + 1}/")
    for wrong in (elsewhere, f"{elsewhere}/problems.csv"):
        assert (await visitor.see(wrong)).status == 404
    for part in ("supplier_admin", "other_analyst", "adviser", "force_viewer"):
        await as_actor(visitor, cast[part])
        assert (await visitor.see(path)).status == 404, part
        assert (await visitor.see(f"{path}/problems.csv")).status == 404, part
    kept = await cast.load(TrialUpload, 1)
    assert kept.state is UploadState.CHECKED


async def test_a_file_of_somebody_who_may_not_hand_in_is_not_read(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await cast.running()
    await as_actor(visitor, cast["lead"])
    files = {"csv": ("units.csv", observed())}
    answer = await visitor.client.post(f"/pilots/{pilot.id}/results", files=files)
    assert answer.status_code == 403
