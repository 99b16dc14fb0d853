"""Recording trial data, computing the result and having it confirmed, through the page."""

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.market.evidence.models import DataSource, Result, TrialDataset
from innohub.market.pilots.models import Pilot, PilotState
from tests.market.pilots.cast import CELLS, Cast, a_cast
from tests.web.parts import as_actor, forge, resend
from tests.web.visitor import Seen, Visitor

GOOD = b"arm,period,events,n\ntreatment,after,80,400\ncomparison,after,40,400\n"
TYPED = {
    "cells.0.events": "80", "cells.0.n": "400",
    "cells.1.events": "40", "cells.1.n": "400",
}  # fmt: skip
FORGED = TYPED | {
    "cells.0.arm": "treatment", "cells.0.period": "after",
    "cells.1.arm": "comparison", "cells.1.period": "after",
}  # fmt: skip
"""With what the page's hidden fields say."""
WHY = "Two files were counted twice in the first export."


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


def address(pilot: Pilot) -> str:
    return f"/pilots/{pilot.id}/results"


async def datasets(cast: Cast) -> list[TrialDataset]:
    async with cast.database.session() as session:
        query = select(TrialDataset).order_by(TrialDataset.version)
        return list(await session.scalars(query))


async def upload(visitor: Visitor, pilot: Pilot, data: bytes, **fields: str) -> Seen:
    return await visitor.send(address(pilot), "upload", {"csv": data, **fields})


async def confirm(visitor: Visitor, page: Seen, **fields: str) -> Seen:
    """Say that the upload in view was understood as it was meant."""
    path = str(page.response.url.path)
    return await resend(visitor, page, path, "record", **fields)


async def test_the_file_to_fill_in_has_the_protocols_rows_and_columns(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await cast.running()
    answer = await visitor.client.get(f"{address(pilot)}/template.csv")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert f'filename="pilot-{pilot.id}-results.csv"' in answer.headers["content-disposition"]
    assert answer.text.splitlines() == [
        "arm,period,events,n",
        "treatment,after,,",
        "comparison,after,,",
    ]
    answer = await visitor.client.get(f"{address(pilot)}/observations.csv")
    assert f'filename="pilot-{pilot.id}-observations.csv"' in answer.headers["content-disposition"]
    assert answer.text.splitlines() == [
        "arm,period,on,site,unit_id,event",
        "treatment,after,,,,",
        "comparison,after,,,,",
    ]
    assert (await visitor.see("/pilots/99/results/template.csv")).status == 404
    unlocked = await cast.approved(overlap_choice="independent_check")
    await as_actor(visitor, cast["analyst"])
    path = f"{address(unlocked)}/template.csv"
    assert (await visitor.see(path)).status == 404


async def test_a_file_is_uploaded_and_shown_as_it_was_stored(visitor: Visitor, cast: Cast) -> None:
    pilot = await cast.running()
    await as_actor(visitor, cast["analyst"])
    page = await upload(visitor, pilot, GOOD)
    assert page.heading == "Check what was understood"
    assert await datasets(cast) == []
    page = await confirm(visitor, page)
    assert page.flash.startswith("The data are recorded: check them below.")
    (stored,) = await datasets(cast)
    assert (stored.version, stored.source) == (1, DataSource.CSV)
    (table,) = page.main.all("table", class_="innohub-numbers-table")
    rows = [[c.text for c in row.walk() if c.tag in ("th", "td")] for row in table.all("tr")]
    assert rows == [
        ["Group", "Events", "Units (n)", "That is"],
        ["With the technology, after", "80", "400", "20.0%"],
        ["Without it, after", "40", "400", "10.0%"],
    ]
    assert stored.cells_hash[:12] in page.main.text


@pytest.mark.parametrize(
    ("data", "problems"),
    [
        (
            b"arm,period,events,n\ntreatment,after,eighty,400\ncomparison,later,40,39.5\n",
            [
                "The results have 3 problems. Nothing was stored.",
                "Line 2, column events: “eighty” is not a number.",
                "Line 3, column period: “later” is not “before” or “after”.",
                "Line 3, column n: “39.5” is not a whole number.",
            ],
        ),
        (
            b"arm,period,events\ntreatment,after,80\n",
            [
                "The results have 2 problems. Nothing was stored.",
                "Line 1, column n: The column “n” is missing: the columns are arm, period, "
                "events, n.",
                "A row for “comparison, after” is missing.",
            ],
        ),
        (b"", ["The file is empty."]),
        (b"PK\x03\x04...", ["This is a workbook, not a CSV file: save it as “CSV UTF-8”."]),
        (
            b"arm,period,events,n\ntreatment,after,\xff\xfe,400\n",
            [
                "The file is not UTF-8 text: save it as “CSV UTF-8”.",
                "Line 2: The file is not UTF-8 text: save it as “CSV UTF-8”.",
            ],
        ),
        (
            b'arm,period,events,n\n"treatment,after,80,400\n',
            [
                "This line is not CSV: a quotation mark is open, or a value is too long.",
                "Line 2: This line is not CSV: a quotation mark is open, or a value is too long.",
            ],
        ),
    ],
    ids=["cells", "columns", "empty", "workbook", "encoding", "quotes"],
)
async def test_a_file_with_faults_is_refused_line_by_line_and_nothing_is_stored(
    visitor: Visitor, cast: Cast, data: bytes, problems: list[str]
) -> None:
    pilot = await cast.running()
    before = await cast.fingerprint()
    await as_actor(visitor, cast["analyst"])
    page = await upload(visitor, pilot, data)
    assert (page.status, page.problems) == (400, problems)
    assert await cast.fingerprint() == before


async def test_a_form_without_a_file_asks_for_one(visitor: Visitor, cast: Cast) -> None:
    pilot = await cast.running()
    await as_actor(visitor, cast["analyst"])
    page = await visitor.send(address(pilot), "upload", {})
    assert (page.status, page.problems) == (400, ["Choose a CSV file."])


async def test_a_file_over_the_limit_is_refused(visitor: Visitor, cast: Cast) -> None:
    pilot = await cast.running()
    await as_actor(visitor, cast["analyst"])
    page = await upload(visitor, pilot, b"x" * (1024 * 1024 + 1))
    assert page.problems == ["A line of this file is too long to be a row of a table."]
    lines = b"arm,period,events,n\n" + b"\n" * 1024 * 1024
    page = await upload(visitor, pilot, lines)
    assert page.problems == ["The file is larger than 1 MiB."]
    rows = b"treatment,after,1,2\n" * 1_001
    page = await upload(visitor, pilot, b"arm,period,events,n\n" + rows)
    assert page.status == 400
    assert page.problems[0] == "The file has more than 1,000 rows."
    assert await datasets(cast) == []


async def test_totals_are_typed_in_and_kept_where_one_is_wrong(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await cast.running()
    await as_actor(visitor, cast["analyst"])
    wrong = TYPED | {"cells.0.events": "many", "cells.1.n": ""}
    page = await visitor.send(address(pilot), "type", wrong)
    assert page.status == 400
    assert page.problems == ["Events, with the technology, after must be a whole number"]
    form = page.form("type")
    assert form.one("input", name="cells.0.events")["value"] == "many"
    assert form.one("input", name="cells.1.events")["value"] == "40"
    page = await visitor.send(address(pilot), "type", TYPED | {"cells.1.n": ""})
    assert page.problems == ["A number is missing."]
    page = await visitor.send(address(pilot), "type", TYPED | {"cells.0.events": "401"})
    assert page.problems == ["401 events are more than n, which is 400."]
    assert await datasets(cast) == []
    page = await visitor.send(address(pilot), "type", TYPED)
    assert page.flash.startswith("The data are recorded")
    (stored,) = await datasets(cast)
    assert stored.source is DataSource.API
    shown = page.form("type").one("input", name="cells.0.events")["value"]
    assert shown == "80"


async def test_a_correction_says_what_it_corrects(visitor: Visitor, cast: Cast) -> None:
    pilot = await cast.recorded()
    await as_actor(visitor, cast["analyst"])
    changed = GOOD.replace(b"80", b"79")
    preview = await upload(visitor, pilot, changed)
    assert "These data take the place of version 1, which stays on record." in preview.main.text
    page = await confirm(visitor, preview)
    assert page.problems == ["Data were recorded before: say what you correct."]
    page = await confirm(visitor, page, correction_reason=WHY)
    assert [d.version for d in await datasets(cast)] == [1, 2]
    assert WHY in page.main.text
    assert "Earlier versions" in page.main.text


async def test_what_is_corrected_after_the_freeze_is_a_version_that_says_so(
    visitor: Visitor, cast: Cast
) -> None:
    pilot, _ = await cast.computed()
    cast.database.clock.pass_days(1)  # type: ignore[attr-defined]
    for events in (70, 60):
        await cast.record(pilot, [CELLS[0] | {"events": events}, CELLS[1]], correction_reason=WHY)
    result = await cast.compute(pilot)
    late = f"The data were corrected after they were frozen: {WHY}"
    assert result.deviations.count(late) == 2
    await as_actor(visitor, cast["analyst"])
    page = await visitor.see(address(pilot))
    assert "The data were frozen when the pilot ended, on 2 November 2026" in page.main.text
    assert page.main.text.count(f"Corrected after the freeze: {WHY}") == 2


async def test_the_result_is_computed_by_one_and_confirmed_by_another(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await cast.recorded()
    await cast.put(pilot, state=PilotState.ANALYSING)
    await as_actor(visitor, cast["analyst"])
    page = await visitor.send(address(pilot), "report", {})
    assert page.flash.startswith("The result is computed.")
    assert "Worked" in page.main.text
    assert "You computed this result: a second analyst has to confirm it." in page.main.text
    assert not page.has_form("confirm")
    await as_actor(visitor, cast["second_analyst"])
    page = await visitor.send(address(pilot), "confirm", {})
    assert page.flash.startswith("You confirmed the result.")
    assert not page.has_form("confirm")
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.REPORTED


async def test_newer_data_ask_for_a_new_result(visitor: Visitor, cast: Cast) -> None:
    pilot, _ = await cast.computed()
    cast.database.clock.pass_days(1)  # type: ignore[attr-defined]
    cells = [CELLS[0] | {"events": 70}, CELLS[1]]
    await cast.record(pilot, cells, correction_reason=WHY)
    await as_actor(visitor, cast["second_analyst"])
    page = await visitor.see(address(pilot))
    assert "Newer data came in after this result was computed" in page.main.text
    assert not page.has_form("confirm")
    page = await visitor.send(address(pilot), "report", {})
    assert "Result, revision 2" in page.main.text


async def test_nothing_is_recorded_before_the_lock_or_after_the_report(
    visitor: Visitor, cast: Cast
) -> None:
    early = await cast.approved()
    await as_actor(visitor, cast["analyst"])
    page = await visitor.see(address(early))
    assert "results cannot come before the plan" in page.main.text
    assert not page.has_form("upload")
    late, _ = await cast.reported(overlap_choice="independent_check")
    assert not (await visitor.see(address(late))).has_form("upload")
    before = await cast.fingerprint()
    for pilot in (early, late):
        page = await forge(visitor, address(pilot), "type", pilot_id=_id(pilot), **FORGED)
        assert page.status == 409
    assert await cast.fingerprint() == before


async def test_trial_data_are_for_the_force_and_the_evaluation_advisers(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await cast.recorded()
    path = address(pilot)
    assert (await visitor.see(path)).response.headers["location"].startswith("/login")
    for part in ("supplier_admin", "rival_admin", "other_analyst", "board_member"):
        await as_actor(visitor, cast[part])
        assert (await visitor.see(path)).status == 403, part
        sent = {"pilot_id": _id(pilot), "correction_reason": WHY, **FORGED}
        assert (await forge(visitor, path, "type", **sent)).status == 403, part
    for part in ("adviser", "lead", "sro", "force_viewer"):
        await as_actor(visitor, cast[part])
        page = await visitor.see(path)
        assert page.status == 200
        assert not page.has_form("upload"), part
    assert len(await datasets(cast)) == 1
    async with cast.database.session() as session:
        assert await session.scalar(select(func.count()).select_from(Result)) == 0


def _id(pilot: Pilot) -> str:
    return identifiers.encode("Pilot", pilot.id)
