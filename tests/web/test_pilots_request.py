"""Asking for a pilot, in two steps, with the pilots like it in between."""

from datetime import date
from typing import Any

import pytest_asyncio
from sqlalchemy import select, update

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.identity.models import Membership, Person, Role
from innohub.market.catalogue.models import ListingState
from innohub.market.pilots.models import OverlapChoice, Pilot, PilotState, Protocol
from tests.factories import somebody, the_force
from tests.market.pilots.cast import Cast, a_cast
from tests.market.pilots.test_earlier import LIKE_IT, tell
from tests.web.parts import as_actor, forge, resend
from tests.web.visitor import Seen, Visitor

ANSWERS = {
    "title": "Redaction in the roads unit",
    "question": "Does it save minutes?",
    "site": "Roads unit",
    "kpi": "case_file_quality_pass",
    "start_on-day": "1", "start_on-month": "2", "start_on-year": "2027",
    "end_on-day": "1", "end_on-month": "6", "end_on-year": "2027",
}  # fmt: skip
ALONE = "Ours is the only rural force, and journeys decide."


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


def address(cast: Cast) -> str:
    return f"/technologies/{cast.technology.slug}/pilot"


async def stored(cast: Cast) -> list[Pilot]:
    async with cast.database.session() as session:
        return list(await session.scalars(select(Pilot).order_by(Pilot.id)))


async def second_step(visitor: Visitor, cast: Cast, **changed: Any) -> Seen:
    return await visitor.send(address(cast), "check", ANSWERS | changed)


async def test_a_first_pilot_is_asked_for_in_two_steps(visitor: Visitor, cast: Cast) -> None:
    await as_actor(visitor, cast["lead"])
    page = await second_step(visitor, cast)
    assert page.heading == "No pilot like yours"
    assert "1 February 2027 to 1 June 2027" in page.main.text
    assert "Options, without VAT" not in page.main.text
    assert await stored(cast) == []
    page = await resend(visitor, page, address(cast), "request")
    assert page.flash == "The pilot is requested. Next, the supplier accepts or declines it."
    assert page.heading == ANSWERS["title"]
    (pilot,) = await stored(cast)
    assert (pilot.state, pilot.site) == (PilotState.SCOPING, "Roads unit")


async def test_pilots_like_it_are_shown_and_need_a_choice(visitor: Visitor, cast: Cast) -> None:
    await cast.requested()
    await as_actor(visitor, cast["other_lead"])
    page = await second_step(visitor, cast)
    assert page.heading == "1 pilot like yours"
    assert "Redaction of case files in Medway" in page.main.text
    assert "Same technology" in page.main.text
    page = await resend(visitor, page, address(cast), "request")
    assert page.status == 400
    assert page.problems == ["Choose what the pilots like it mean for yours."]
    assert page.heading == "1 pilot like yours"
    choice = {"overlap_choice": "proceed_with_reason"}
    page = await resend(visitor, page, address(cast), "request", **choice)
    assert page.problems == ["Say why a pilot of your own is needed: the board will read it."]
    checked = page.form("request").one("input", value="proceed_with_reason")
    assert "checked" in checked.attributes
    page = await resend(visitor, page, address(cast), "request", **choice, overlap_reason=ALONE)
    assert page.flash.startswith("The pilot is requested.")
    *_, pilot = await stored(cast)
    assert (pilot.overlap_choice, pilot.overlap_reason) == (
        OverlapChoice.PROCEED_WITH_REASON,
        ALONE,
    )
    assert ALONE in page.main.text


async def test_pilots_from_before_the_hub_are_shown_with_what_is_known_and_need_a_choice(
    visitor: Visitor, cast: Cast
) -> None:
    essex = await the_force(cast.database, "essex")
    analyst = await somebody(cast.database, essex, Role.FORCE_ANALYST)
    report = "https://essex.example/plover"
    facts = {**LIKE_IT, "decision": "stop_no_benefit", "source_url": report}
    await tell(cast.database, analyst, **facts)
    await as_actor(visitor, cast["lead"])
    page = await second_step(visitor, cast)
    assert page.heading == "1 pilot like yours"
    for told in ("Plover in custody", essex.name, "Officers liked it.", "30 June 2025",
                 "Decided: stop, as it brings no benefit", "Cannot be assessed",
                 "Same KPI"):  # fmt: skip
        assert told in page.main.text, told
    assert page.main.one("a", href=report).text == "The report of “Plover in custody”"
    offered = [radio["value"] for radio in page.form("request").all("input", type="radio")]
    assert offered == ["replicate_different_context", "independent_check", "proceed_with_reason"]
    refused = await resend(visitor, page, address(cast), "request")
    assert refused.problems == ["Choose what the pilots like it mean for yours."]
    page = await resend(
        visitor, refused, address(cast), "request", overlap_choice="independent_check"
    )
    assert page.flash.startswith("The pilot is requested.")
    assert "Plover in custody" in page.main.text
    assert "Before the hub, same KPI" in page.main.text


async def test_mistakes_in_the_first_step_are_shown_with_what_was_entered(
    visitor: Visitor, cast: Cast
) -> None:
    await as_actor(visitor, cast["lead"])
    page = await visitor.send(address(cast), "check", {"title": "Only a title"})
    assert page.status == 400
    assert page.problems == [
        "Enter the question",
        "Enter the site",
        "Select the KPI",
        "Enter the start",
        "Enter the end",
    ]
    assert page.form("check").one("input", name="title")["value"] == "Only a title"
    for changed, problem in (
        ({"start_on-year": "2025"}, "The start cannot lie in the past."),
        ({"end_on-year": "2026"}, "The end must be after the start."),
        ({"start_on-month": "13"}, "Start must be a real date"),
        ({"site": "x" * 201}, "Site must be 200 characters or fewer"),
    ):
        page = await second_step(visitor, cast, **changed)
        assert (page.status, page.problems) == (400, [problem])


async def test_answers_can_be_changed_from_the_second_step(visitor: Visitor, cast: Cast) -> None:
    await as_actor(visitor, cast["lead"])
    page = await second_step(visitor, cast)
    page = await resend(visitor, page, address(cast), "change")
    form = page.form("check")
    assert form.one("input", name="title")["value"] == ANSWERS["title"]
    assert form.one("input", name="start_on-month")["value"] == "02"
    (chosen,) = [o for o in form.all("option") if "selected" in o.attributes]
    assert chosen["value"] == "case_file_quality_pass"


async def test_a_second_step_that_does_not_fit_leads_back_to_the_first(
    visitor: Visitor, cast: Cast
) -> None:
    await as_actor(visitor, cast["lead"])
    page = await second_step(visitor, cast)
    page = await resend(visitor, page, address(cast), "request", kpi="user_satisfaction")
    assert page.status == 400
    assert page.has_form("check")
    assert page.problems == [
        "“Users' own rating” cannot be the primary KPI: no effect is computed for it."
    ]
    assert await stored(cast) == []


async def test_only_measures_that_have_an_effect_are_offered(visitor: Visitor, cast: Cast) -> None:
    await as_actor(visitor, cast["lead"])
    offered = {o["value"] for o in (await visitor.see(address(cast))).form("check").all("option")}
    assert {"cost_per_case", "use_of_force"} <= offered
    assert not {"user_satisfaction", "disparity_ratio"} & offered


async def test_only_those_who_may_ask_for_pilots_come_here(visitor: Visitor, cast: Cast) -> None:
    assert (await visitor.see(address(cast))).response.headers["location"].startswith("/login")
    for part in ("analyst", "sro", "force_viewer", "supplier_admin", "board_member"):
        await as_actor(visitor, cast[part])
        assert (await visitor.see(address(cast))).status == 403, part
        sent = {"technology_id": identifiers.encode("Technology", cast.technology.id), **ANSWERS}
        page = await forge(visitor, address(cast), "request", **sent)
        assert page.status == 403, part
    assert await stored(cast) == []
    await as_actor(visitor, cast["lead"])
    assert (await visitor.see("/technologies/no-such-thing/pilot")).status == 404


async def test_nothing_starts_with_a_suspended_listing(visitor: Visitor, cast: Cast) -> None:
    await as_actor(visitor, cast["lead"])
    page = await second_step(visitor, cast)
    await cast.list_as(ListingState.SUSPENDED)
    refused = await resend(visitor, page, address(cast), "request")
    assert refused.status == 409
    assert "This technology is suspended: nothing new starts with it." in refused.main.text
    again = await visitor.see(address(cast))
    assert not again.has_form("check")
    assert await stored(cast) == []


async def test_somebody_of_two_forces_says_for_which(visitor: Visitor, cast: Cast) -> None:
    essex = await the_force(cast.database, "essex")
    both = await somebody(cast.database, cast.force, Role.FORCE_INNOVATION_LEAD)
    await _join(cast, both.person, essex.id)
    await visitor.sign_in_as(both.person)
    essex_id = identifiers.encode("Force", essex.id)
    page = await second_step(visitor, cast, force_id=essex_id)
    await resend(visitor, page, address(cast), "request")
    (pilot,) = await stored(cast)
    assert pilot.force_id == essex.id


async def _join(cast: Cast, person: Person, force_id: int) -> None:
    async with cast.database.session() as session, session.begin():
        seat = Membership(
            person_id=person.id,
            organisation_id=force_id,
            role=Role.FORCE_INNOVATION_LEAD,
            created_at=cast.database.clock(),
        )
        session.add(seat)


COSTS = {"cost_pence": "150,000", "options_pence": "20000", "vat_pence": "37720"}
"""With VAT exactly the threshold of £207,720."""


async def test_costs_are_asked_for_and_kept_with_the_request(visitor: Visitor, cast: Cast) -> None:
    await as_actor(visitor, cast["lead"])
    first = await visitor.see(address(cast))
    assert "procurement threshold of £207,720" in first.main.text
    sums = {"cost_pence": "1,250.50", "vat_pence": "250.10"}
    page = await second_step(visitor, cast, **sums, procurement_route="below_threshold")
    assert "£1,250.50" in page.main.text
    assert "Below-threshold procurement" in page.main.text
    assert "Over the threshold" not in page.main.text
    await resend(visitor, page, address(cast), "request")
    (pilot,) = await stored(cast)
    assert (pilot.cost_pence, pilot.options_pence, pilot.vat_pence) == (125_050, 0, 25_010)
    assert pilot.procurement_route == "below_threshold"


async def test_costs_may_be_left_for_later(visitor: Visitor, cast: Cast) -> None:
    await as_actor(visitor, cast["lead"])
    page = await second_step(visitor, cast, cost_pence="")
    assert "Not known yet" in page.main.text
    await resend(visitor, page, address(cast), "request")
    (pilot,) = await stored(cast)
    assert pilot.cost_pence is None


async def test_what_reaches_the_threshold_is_warned_of_before_it_is_sent(
    visitor: Visitor, cast: Cast
) -> None:
    await as_actor(visitor, cast["lead"])
    page = await second_step(visitor, cast, **COSTS)
    assert "Over the threshold." in page.main.text
    assert "No lawful route is recorded yet." in page.main.text
    page = await second_step(visitor, cast, **COSTS, procurement_route="direct_award")
    assert "No lawful route is recorded yet." not in page.main.text
    page = await second_step(visitor, cast, **COSTS, procurement_route="below_threshold")
    assert page.status == 400
    assert page.problems == [
        "“Below-threshold procurement” is not lawful at or above the threshold."
    ]
    assert await stored(cast) == []


async def test_no_sum_in_pounds_is_said_at_its_field(visitor: Visitor, cast: Cast) -> None:
    await as_actor(visitor, cast["lead"])
    page = await second_step(visitor, cast, cost_pence="a lot")
    assert page.problems == ["Enter a sum in pounds, such as 1250 or 12.50"]
    assert page.heading == "Request a pilot"


async def test_a_force_that_owes_a_result_is_led_to_it_in_place_of_the_form(
    visitor: Visitor, cast: Cast
) -> None:
    late = await cast.running()
    async with cast.database.session() as session, session.begin():
        await session.execute(update(Protocol).values(result_due_on=date(2020, 1, 1)))
    await as_actor(visitor, cast["lead"])
    page = await visitor.see(address(cast))
    assert "A result is owed." in page.main.text
    assert page.main.one("a", href=f"/pilots/{late.id}").text == late.title
    assert not page.main.all("form")
    page = await forge(
        visitor, address(cast), "request", **ANSWERS, technology_id=technology_id(cast)
    )
    assert page.status == 409
    await as_actor(visitor, cast["sro"])
    why = {"reason": "The crime records are being restored from backup."}
    page = await visitor.send(f"/pilots/{late.id}", "explain", why)
    assert page.flash.startswith("Your explanation is public.")
    assert "Registered, unreported" in page.main.text
    assert why["reason"] in page.main.text
    await as_actor(visitor, cast["lead"])
    page = await visitor.see(address(cast))
    assert "A result is owed." not in page.main.text
    assert page.main.all("form")


def technology_id(cast: Cast) -> str:
    return identifiers.encode("Technology", cast.technology.id)
