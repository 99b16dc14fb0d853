"""Secondary, safety and equality KPIs through the pages: registered, measured, and shown."""

import csv
import io

import pytest
import pytest_asyncio

from innohub.db.unit_of_work import Database
from innohub.market.pilots.models import Pilot
from tests.market.evidence.outcomes import (
    ALARMS,
    EQUALITY,
    FEW_ALARMS,
    SAFETY,
    SECONDARY,
    add,
    finish,
    published_with_all,
    running_with,
)
from tests.market.pilots.cast import CELLS, Cast, a_cast
from tests.web.parts import as_actor
from tests.web.visitor import Visitor


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


def protocol(pilot: Pilot) -> str:
    return f"/pilots/{pilot.id}/protocol"


def results(pilot: Pilot, outcome: int | None = None) -> str:
    return f"/pilots/{pilot.id}/results" + (f"?kpi={outcome}" if outcome else "")


async def test_kpis_are_added_one_by_one_in_per_cent_and_taken_off_again(
    visitor: Visitor, cast: Cast
) -> None:
    pilot, _ = await cast.with_protocol()
    await as_actor(visitor, cast["analyst"])
    form = {
        "role": "safety_harm", "kpi": "proportion:false_positive_alert_rate",
        "design": "after_only", "limit_high": "5",
    }  # fmt: skip
    page = await visitor.send(protocol(pilot), "add_outcome", form)
    assert page.flash.startswith("The KPI is registered")
    assert (
        "False alerts: lower is better; after only; stop rule broken at 5% or more."
        in page.main.text
    )
    women = {
        "role": "equality", "kpi": "proportion:case_file_quality_pass", "population": "Women",
        "minimum_important_effect": "4",
    }  # fmt: skip
    page = await visitor.send(protocol(pilot), "add_outcome", women)
    assert "smallest change worth having 4 percentage points higher" in page.main.text
    first = page.main.all("input", type="hidden", name="outcome_id")[0]["value"]
    page = await visitor.send(protocol(pilot), "remove_outcome", {}, outcome_id=first)
    assert page.flash == "The KPI is taken off the protocol."
    assert "False alerts:" not in page.main.text
    assert "Case files right first time, Women:" in page.main.text


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"limit_high": ""}, "A safety KPI needs the value at which it breaks its stop rule."),
        ({"limit_high": "500"}, "The limit of a share is from 0 to 1: 0.05 is 5%."),
        ({"population": "Women"}, "Only an equality KPI is measured for one group of people."),
        ({"kpi": "proportion:case_file_quality_pass"}, "This is the primary KPI"),
        ({"kpi": "no_such"}, "is not in the KPI dictionary"),
    ],
)
async def test_what_cannot_be_registered_is_told_at_its_field(
    visitor: Visitor, cast: Cast, changed: dict[str, str], message: str
) -> None:
    pilot, _ = await cast.with_protocol()
    await as_actor(visitor, cast["analyst"])
    form = {
        "role": "safety_harm", "kpi": "proportion:false_positive_alert_rate",
        "design": "after_only", "limit_high": "5",
    }  # fmt: skip
    page = await visitor.send(protocol(pilot), "add_outcome", form | changed)
    assert page.status in (400, 409)
    assert message in page.main.text
    assert "Further KPIs" not in page.main.text


async def test_a_reader_of_the_register_sees_what_was_registered_and_no_form(
    visitor: Visitor, cast: Cast
) -> None:
    pilot, _ = await running_with(cast, SECONDARY, EQUALITY)
    page = await visitor.see(protocol(pilot))
    assert "Secondary KPIs" in page.main.text
    assert "Equality KPIs, group by group" in page.main.text
    assert "Add a secondary" not in page.main.text
    assert "Remove" not in page.main.text


async def test_data_are_handed_in_for_one_kpi_at_a_time(visitor: Visitor, cast: Cast) -> None:
    pilot, (repeats, _) = await running_with(cast, SECONDARY, SAFETY)
    await as_actor(visitor, cast["analyst"])
    page = await visitor.see(results(pilot))
    assert page.main.text.count("No data yet") == 2
    typed = {
        "cells.0.events": "20", "cells.0.n": "200", "cells.1.events": "40", "cells.1.n": "200",
    }  # fmt: skip
    page = await visitor.send(results(pilot, repeats.id), "type", typed)
    assert page.flash.startswith("The data are recorded")
    assert "Victims harmed again" in page.main.text
    assert "Version 1" in page.main.text
    totals = b"arm,period,events,n\ntreatment,after,22,200\ncomparison,after,40,200\n"
    page = await visitor.send(results(pilot, repeats.id), "upload", {"csv": totals})
    assert "KPI: Victims harmed again." in page.main.text
    assert "take the place of version 1" in page.main.text
    page = await visitor.see(results(pilot))
    assert page.main.text.count("No data yet") == 1


async def test_the_file_to_fill_in_is_that_of_the_kpi(visitor: Visitor, cast: Cast) -> None:
    pilot, (alarms,) = await running_with(cast, SAFETY)
    answer = await visitor.client.get(f"/pilots/{pilot.id}/results/template.csv?kpi={alarms.id}")
    assert answer.text.splitlines() == ["arm,period,events,n", "treatment,after,,"]
    for unknown in ("999", "x", ""):
        page = await visitor.see(f"/pilots/{pilot.id}/results/template.csv?kpi={unknown}")
        assert page.status == 404


async def rows_of(visitor: Visitor, address: str) -> list[dict[str, str]]:
    text = (await visitor.client.get(address)).text.removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


BROKEN = "False alerts (safety KPI): 7.5%, at or above the limit of 5% that was registered."


async def test_a_published_result_shows_its_groups_the_broken_rule_and_what_is_missing(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await published_with_all(cast)
    page = await visitor.see(f"/pilots/{pilot.id}")
    text = page.main.text
    assert BROKEN in text
    assert "Stop rule broken" in text
    assert "Inconclusive" in text
    order = [text.index(f"{title} ") for title in (
        "Secondary KPIs", "Safety KPIs", "Equality KPIs, group by group",
    )]  # fmt: skip
    assert order == sorted(order)
    assert "\u221210.0 percentage points" in text
    assert "withheld, because a group counts fewer than 5" in text
    assert "Cost of a case (secondary KPI): registered, not reported." in text
    page = await visitor.see(f"/technologies/{cast.technology.slug}")
    assert BROKEN in page.main.text


async def test_the_numbers_to_take_away_hold_every_kpi_and_nothing_withheld(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await published_with_all(cast)
    rows = await rows_of(visitor, f"/pilots/{pilot.id}/result.csv")
    roles = [row["role"] for row in rows]
    assert roles[0] == "primary"
    assert roles[-3:] == ["secondary", "safety_harm", "equality"]
    assert rows[-1]["estimate"] == rows[-1]["n"] == ""
    assert rows[-3]["estimate"] == "-0.1"


async def test_trials_of_a_secondary_kpi_are_pooled_and_labelled(
    visitor: Visitor, cast: Cast
) -> None:
    await published_with_all(cast)
    page = await visitor.see(f"/technologies/{cast.technology.slug}/evidence")
    assert "Victims harmed again" in page.main.text
    assert "a secondary KPI of the trial" in page.main.text
    address = f"/technologies/{cast.technology.slug}/evidence/repeat_victimisation.csv"
    assert (await rows_of(visitor, address))[0]["role"] == "secondary"


async def test_before_the_confirmation_nobody_outside_sees_a_broken_rule(
    visitor: Visitor, cast: Cast
) -> None:
    pilot, (alarms,) = await running_with(cast, SAFETY)
    await cast.record(pilot, CELLS)
    await cast.record(pilot, ALARMS, outcome_id=alarms.id)
    await finish(cast, pilot)
    await cast.compute(pilot)
    assert BROKEN not in (await visitor.see(f"/pilots/{pilot.id}")).main.text
    await as_actor(visitor, cast["analyst"])
    assert BROKEN in (await visitor.see(f"/pilots/{pilot.id}")).main.text


async def test_data_of_another_kpi_that_came_later_ask_for_a_new_computation(
    visitor: Visitor, cast: Cast
) -> None:
    pilot, (alarms,) = await running_with(cast, SAFETY)
    await cast.record(pilot, CELLS)
    await finish(cast, pilot)
    await cast.compute(pilot)
    cast.database.clock.pass_days(1)  # type: ignore[attr-defined]
    await cast.record(pilot, FEW_ALARMS, outcome_id=alarms.id)
    await as_actor(visitor, cast["second_analyst"])
    page = await visitor.see(results(pilot))
    assert "Newer data came in after this result was computed" in page.main.text


async def test_a_protocol_with_kpis_added_by_somebody_else_is_seen_by_its_locker(
    visitor: Visitor, cast: Cast
) -> None:
    pilot, _ = await cast.with_protocol()
    await add(cast, pilot, **SECONDARY)
    await as_actor(visitor, cast["second_analyst"])
    page = await visitor.see(protocol(pilot))
    assert "Victims harmed again" in page.main.text
    page = await visitor.send(protocol(pilot), "lock", {})
    assert page.flash.startswith("The protocol is locked")
