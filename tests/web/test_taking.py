"""What can be taken away of a result and of all trials together: pictures, numbers, codebooks."""

import csv
import io
import struct
from typing import Any

import pytest
from sqlalchemy import update

from innohub.db.unit_of_work import Database
from innohub.market.evidence.models import Result
from innohub.market.pilots.models import Pilot, PilotState
from innohub.web.forest import forest_chart
from innohub.web.pictures.drawing import standing_alone
from tests.factories import the_force
from tests.web.shelf import HOSTILE, a_listing, a_pilot, a_result
from tests.web.test_evidence import a_line, three_trials
from tests.web.visitor import Visitor

EVIDENCE = "/technologies/veilwright/evidence/redaction_minutes_per_file"
SERIES = [
    {"on": "2026-01-01", "period": "before", "observed": 60.0, "comparison": None,
     "fitted": 59.0, "counterfactual": 59.0},
    {"on": "2026-02-01", "period": "after", "observed": None, "comparison": None,
     "fitted": 40.0, "counterfactual": 58.0},
]  # fmt: skip


async def a_published_pilot(database: Database, **facts: Any) -> Pilot:
    technology = await a_listing(database)
    kent = await the_force(database, "kent")
    pilot = await a_pilot(database, technology, kent, PilotState.PUBLISHED, **facts)
    await a_result(database, pilot)
    return pilot


async def taken(visitor: Visitor, address: str) -> list[dict[str, str]]:
    response = await visitor.client.get(address)
    assert response.status_code == 200, address
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


async def the_size(visitor: Visitor, address: str) -> tuple[int, int]:
    """Width and height of a PNG in pixels."""
    response = await visitor.client.get(address)
    assert response.status_code == 200, address
    assert response.headers["content-type"] == "image/png"
    assert response.headers["content-disposition"].startswith("attachment; filename=")
    assert response.content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", response.content[16:24])
    return width, height


async def set_result(database: Database, pilot: Pilot, **columns: Any) -> None:
    async with database.session() as session, session.begin():
        await session.execute(update(Result).where(Result.pilot_id == pilot.id).values(**columns))


async def test_the_page_offers_what_there_is(visitor: Visitor, database: Database) -> None:
    pilot = await a_published_pilot(database)
    links = (await visitor.see(f"/pilots/{pilot.id}")).links()
    offered = [link for link in links if link.endswith((".png", ".csv"))]
    assert offered == [
        f"/pilots/{pilot.id}/effect.png", f"/pilots/{pilot.id}/result.csv", "/result-codebook.csv",
    ]  # fmt: skip
    for link in offered:
        assert (await visitor.client.get(link)).status_code == 200


async def test_the_picture_of_an_effect_is_a_png_to_keep(
    visitor: Visitor, database: Database
) -> None:
    pilot = await a_published_pilot(database, title=HOSTILE)
    width, height = await the_size(visitor, f"/pilots/{pilot.id}/effect.png")
    assert width == 1440
    assert height > 300


async def test_the_numbers_come_with_all_that_a_second_analyst_needs(
    visitor: Visitor, database: Database
) -> None:
    pilot = await a_published_pilot(database)
    await set_result(
        database,
        pilot,
        secondary={"hedges_g": {"value": -0.9, "lower": -1.2, "upper": -0.6}},
    )
    effect, beside = await taken(visitor, f"/pilots/{pilot.id}/result.csv")
    assert (effect["measure"], effect["estimate"], effect["lower_95"]) == (
        "mean_difference", "-24.4", "-30.6",
    )  # fmt: skip
    assert effect["p_value"] == "0.0001"
    assert len(effect["protocol_sha256"]) == 64
    assert (beside["measure"], beside["estimate"], beside["p_value"]) == ("hedges_g", "-0.9", "")
    book = await taken(visitor, "/result-codebook.csv")
    assert [line["column"] for line in book] == list(effect)


async def test_a_trial_of_fewer_than_five_does_not_tell_how_few(
    visitor: Visitor, database: Database
) -> None:
    pilot = await a_published_pilot(database)
    await set_result(database, pilot, sample_size=4)
    (row,) = await taken(visitor, f"/pilots/{pilot.id}/result.csv")
    assert row["n"] == ""


async def test_a_result_over_time_has_a_second_picture_and_its_figures(
    visitor: Visitor, database: Database
) -> None:
    pilot = await a_published_pilot(database)
    assert (await visitor.client.get(f"/pilots/{pilot.id}/series.png")).status_code == 404
    assert (await visitor.client.get(f"/pilots/{pilot.id}/series.csv")).status_code == 404
    await set_result(database, pilot, series=SERIES)
    await the_size(visitor, f"/pilots/{pilot.id}/series.png")
    before, after = await taken(visitor, f"/pilots/{pilot.id}/series.csv")
    assert (before["observed"], after["observed"], after["counterfactual"]) == ("60.0", "", "58.0")
    book = await taken(visitor, "/series-codebook.csv")
    assert [line["column"] for line in book] == list(before)


@pytest.mark.parametrize("file", ["effect.png", "series.png", "result.csv", "series.csv"])
async def test_what_is_not_published_is_not_there_for_a_stranger(
    visitor: Visitor, database: Database, file: str
) -> None:
    technology = await a_listing(database)
    kent = await the_force(database, "kent")
    pilot = await a_pilot(database, technology, kent, PilotState.REPORTED)
    await a_result(database, pilot)
    response = await visitor.client.get(f"/pilots/{pilot.id}/{file}")
    assert response.status_code == 404
    assert (await visitor.client.get(f"/pilots/99999/{file}")).status_code == 404


async def test_all_trials_come_as_a_picture_and_as_numbers(
    visitor: Visitor, database: Database
) -> None:
    await three_trials(database)
    await the_size(visitor, f"{EVIDENCE}.png")
    first, second, left_out, pooled = await taken(visitor, f"{EVIDENCE}.csv")
    assert {first["trial"], second["trial"]} == {
        "Kent Police, Headquarters", "Essex Police, Headquarters",
    }  # fmt: skip
    assert float(first["weight"]) + float(second["weight"]) == pytest.approx(1)
    assert left_out["left_out_because"] == "It compares with nothing."
    assert (pooled["trial"], float(pooled["effect"])) == ("all", pytest.approx(-23))
    book = await taken(visitor, "/trials-codebook.csv")
    assert [line["column"] for line in book] == list(first)


async def test_the_view_of_the_page_is_the_view_of_the_file(
    visitor: Visitor, database: Database
) -> None:
    await three_trials(database)
    links = (await visitor.see("/technologies/veilwright/evidence?grade=4")).links()
    assert f"{EVIDENCE}.csv?grade=4" in links
    assert len(await taken(visitor, f"{EVIDENCE}.csv?grade=4")) == 4
    none = await visitor.client.get(f"{EVIDENCE}.csv?independent=yes")
    assert none.status_code == 404


@pytest.mark.parametrize("file", [f"{EVIDENCE}-funnel.png", EVIDENCE.replace("file", "x") + ".png"])
async def test_what_was_not_pooled_has_no_file(
    visitor: Visitor, database: Database, file: str
) -> None:
    await three_trials(database)
    assert (await visitor.client.get(file)).status_code == 404


def test_a_picture_that_leaves_its_page_takes_its_rules_along() -> None:
    alone = standing_alone(forest_chart("Minutes", [a_line()]))
    assert 'width="640"' in alone.split(">")[0]
    assert ".innohub-chart__interval{stroke: #12243d" in alone
    assert "var(" not in alone
