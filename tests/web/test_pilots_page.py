"""One pilot's page: what it tells to whom, and the steps that people take there."""

import pytest
import pytest_asyncio

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.market.evidence.models import Verdict
from innohub.market.pilots import commands, service
from innohub.market.pilots.models import Pilot, PilotDecision, PilotState, StopReason
from tests.market.pilots.cast import Cast, a_cast, protocol_fields
from tests.web.parts import as_actor, forge
from tests.web.shelf import a_listing, a_pilot, a_rating, a_result
from tests.web.visitor import Seen, Visitor

WHY = "The listing was suspended over night."
STEPS = (
    "check_overlap", "choose", "accept", "decline", "approve", "sign", "start", "pause", "resume",
    "agree", "stop", "finish", "confirm", "comment", "no_comment", "decide",
)  # fmt: skip


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


def forms(page: Seen) -> set[str]:
    return {step for step in STEPS if page.has_form(step)}


def side(page: Seen) -> str:
    return page.main.one("section", class_="innohub-next").text


async def at(visitor: Visitor, cast: Cast, part: str, pilot: Pilot) -> Seen:
    await as_actor(visitor, cast[part])
    return await visitor.see(f"/pilots/{pilot.id}")


async def test_a_published_pilot_tells_its_result_in_one_look(
    visitor: Visitor, database: Database, cast: Cast
) -> None:
    pilot = await a_pilot(
        database,
        await a_listing(database),
        cast.force,
        PilotState.PUBLISHED,
        decision=PilotDecision.ADOPT,
        decision_reason="It saves the work of four people.",
        supplier_comment="Two files were of the old standard.",
    )
    await a_result(
        database,
        pilot,
        Verdict.WORKED,
        secondary={"hedges_g": {"value": -1.0, "lower": -1.27, "upper": -0.73}},
    )
    await a_rating(database, pilot, "We kept it, and would again.")
    page = await visitor.see(f"/pilots/{pilot.id}")
    assert page.heading == "Redaction at headquarters"
    found = page.main.one("section", aria_labelledby="result")
    assert "Worked" in found.text
    picture = found.one("svg", class_="innohub-chart")
    assert picture["aria-label"].startswith("Minutes to redact a file: 34.2")
    numbers = [
        [cell.text for cell in row.walk() if cell.tag in ("th", "td")]
        for row in page.main.all("table", class_="innohub-numbers-table")[0].all("tr")
    ]
    assert numbers[1:] == [
        ["Difference of the two means", "−24.4 minutes", "−30.6 to −18.2 minutes"],
        ["Standardised difference (Hedges' g)", "−1.00", "−1.27 to −0.73"],
    ]
    for words in (
        "Smallest change worth having 10 minutes lower", "p value under 0.001",
        "It saves the work of four people.", "Two files were of the old standard.",
        "We kept it, and would again.", "ab" * 32,
    ):  # fmt: skip
        assert words in page.main.text
    assert not forms(page)
    assert not page.main.all("section", class_="innohub-next", contains="Decide")


async def test_a_trial_from_the_literature_names_its_source_and_has_no_steps(
    visitor: Visitor, database: Database, cast: Cast
) -> None:
    pilot = await a_pilot(database, await a_listing(database), None, PilotState.PUBLISHED)
    await a_result(database, pilot)
    for part in ("lead", "analyst", "sro", "adviser"):
        page = await at(visitor, cast, part, pilot)
        assert "An author (2015). A trial." in page.main.text
        assert "https://doi.org/10.0000/x" in page.links()
        assert not forms(page)
        assert not page.main.all("section", class_="innohub-next")


async def test_a_pilot_takes_every_step_through_the_pages(
    visitor: Visitor, cast: Cast, database: Database
) -> None:
    pilot = await cast.requested()
    path = f"/pilots/{pilot.id}"

    async def take(part: str, do: str, **fields: str) -> Seen:
        await as_actor(visitor, cast[part])
        return await visitor.send(path, do, fields)

    assert "Accept or decline the request." in side(await at(visitor, cast, "lead", pilot))
    page = await take("supplier_admin", "accept")
    assert page.flash.startswith("You accepted the pilot.")
    assert "Approve the scope and the dates." in side(page)
    page = await take("sro", "approve")
    assert page.flash.startswith("The pilot is approved.")
    page = await take("assurance_reviewer", "sign")
    assert page.flash.startswith("You signed.")
    await cast.do(
        "analyst",
        service.propose_protocol,
        commands.ProposeProtocol.parse(protocol_fields(pilot)),
    )
    lock = commands.LockProtocol.parse({"pilot_id": pilot.id})
    await cast.do("second_analyst", service.lock_protocol, lock)
    page = await take("lead", "start")
    assert page.flash.startswith("The pilot is running.")
    page = await take("sro", "pause", reason=WHY)
    assert page.flash.startswith("The pilot is paused.")
    assert WHY in page.main.text
    page = await take("sro", "resume", reason="The cause is cleared for good.")
    assert page.flash == "The pilot is running again."
    page = await take("sro", "finish")
    assert page.flash.startswith("The pilot has ended.")
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.ANALYSING


async def test_a_reported_result_is_decided_commented_on_and_published(
    visitor: Visitor, cast: Cast
) -> None:
    pilot, _ = await cast.computed()
    path = f"/pilots/{pilot.id}"
    page = await at(visitor, cast, "analyst", pilot)
    assert "You computed the result: a second analyst has to confirm it." in page.main.text
    assert not forms(page)
    assert "not confirmed by a second analyst yet" in page.main.text
    await as_actor(visitor, cast["second_analyst"])
    page = await visitor.send(path, "confirm", {})
    assert page.flash.startswith("You confirmed the result.")
    page = await at(visitor, cast, "supplier_admin", pilot)
    assert forms(page) == {"comment", "no_comment"}
    await as_actor(visitor, cast["sro"])
    page = await visitor.send(path, "decide", {"reason": "Too short"})
    assert page.status == 400
    assert page.problems == [
        "Select the decision",
        "Reason must be 10 characters or more",
        "Note at least one thing beside the effect: how it works, for whom, what supported or "
        "obstructed it, or what it costs.",
    ]
    assert "Too short" in page.form("decide").text
    page = await visitor.send(
        path,
        "decide",
        {
            "decision": "adopt",
            "reason": "It saves hours.",
            "mechanism": "It finds faces.",
        },
    )
    assert page.flash.startswith("The decision is recorded.")
    await as_actor(visitor, cast["supplier_admin"])
    page = await visitor.send(path, "comment", {"comment": "  "})
    assert page.problems == ["Write the comment, or say that you have none."]
    page = await visitor.send(path, "comment", {"comment": "One file was counted twice."})
    assert page.flash == "Your comment is recorded. It is published with the result."
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.PUBLISHED
    visitor.client.cookies.clear()
    text = (await visitor.see(path)).main.text
    assert "One file was counted twice." in text
    assert "It saves hours." in text


async def test_the_supplier_may_say_that_it_has_no_comment(visitor: Visitor, cast: Cast) -> None:
    pilot, _ = await cast.decided()
    await as_actor(visitor, cast["supplier_admin"])
    page = await visitor.send(f"/pilots/{pilot.id}", "no_comment", {})
    assert page.flash == "It is recorded that you have no comment."
    stored = await cast.load(Pilot, pilot.id)
    assert (stored.supplier_comment, stored.state) == (None, PilotState.PUBLISHED)


async def test_a_pilot_is_stopped_with_both_its_reasons(visitor: Visitor, cast: Cast) -> None:
    pilot = await cast.running()
    path = f"/pilots/{pilot.id}"
    await as_actor(visitor, cast["sro"])
    page = await visitor.send(path, "stop", {"reason": WHY})
    assert page.problems == ["Select the kind of reason"]
    told = {"stop_reason": "safety_or_legal", "reason": WHY}
    page = await visitor.send(path, "stop", told)
    assert page.problems == ["Record what was found until now, or say why there is nothing."]
    page = await visitor.send(path, "stop", told | {"no_data_reason": "Nobody was filmed yet."})
    assert "No data were recorded: Nobody was filmed yet." in page.main.text
    assert page.flash.startswith("The pilot is stopped.")
    assert "Stopped early: safety or legal." in page.main.text
    assert (await cast.load(Pilot, pilot.id)).stop_reason is StopReason.SAFETY_OR_LEGAL


async def test_a_proposed_pilot_is_requested_and_its_overlap_settled(
    visitor: Visitor, cast: Cast
) -> None:
    await cast.requested()
    wish = commands.ProposePilot.parse(
        {
            "technology_id": cast.technology.id,
            "site": "Thanet",
            "title": "The same again",
            "question": "Does it hold?",
            "kpi": "case_file_quality_pass",
            "start_on": "2027-01-10",
            "end_on": "2027-03-10",
        }
    )
    pilot = await cast.do("other_lead", service.propose, wish)
    path = f"/pilots/{pilot.id}"
    assert forms(await at(visitor, cast, "other_lead", pilot)) == {"check_overlap"}
    page = await visitor.send(path, "check_overlap", {})
    assert page.flash == "The pilot is requested."
    assert forms(page) == {"choose"}
    assert "Redaction of case files in Medway" in page.main.text
    page = await visitor.send(path, "choose", {"choice": "proceed_with_reason"})
    assert page.problems == ["Say why a pilot of your own is needed: the board will read it."]
    page = await visitor.send(path, "choose", {"choice": "independent_check"})
    assert page.flash.startswith("Your choice is recorded.")
    assert "check it independently" in page.main.text


OPEN = {
    "scoping": {"supplier_admin": {"accept", "decline"}, "sro": {"decline"}, "chief": {"decline"}},
    "accepted": {
        "sro": {"approve", "decline"},
        "chief": {"approve", "decline"},
        "supplier_admin": {"decline"},
    },
    "assurance": {"assurance_reviewer": {"sign"}},
    "locked": {"lead": {"start"}, "sro": {"start"}},
    "running": {"sro": {"pause", "stop", "finish"}, "assurance_officer": {"pause"}},
    "reported": {
        "sro": {"decide"},
        "chief": {"decide"},
        "supplier_admin": {"comment", "no_comment"},
    },
}


@pytest.mark.parametrize("stage", OPEN)
async def test_each_person_is_offered_their_own_steps_and_no_others(
    visitor: Visitor, cast: Cast, stage: str
) -> None:
    made = {
        "scoping": cast.requested,
        "accepted": cast.accepted,
        "assurance": cast.approved,
        "locked": cast.locked,
        "running": cast.running,
        "reported": cast.reported,
    }
    pilot = await made[stage]()
    pilot = pilot[0] if isinstance(pilot, tuple) else pilot
    people = [part for part, actor in cast.actors.items() if actor.person_id]
    for part in people:
        page = await at(visitor, cast, part, pilot)
        expected = OPEN[stage].get(part, set())
        assert forms(page) == expected if page.status == 200 else not expected, part


async def test_a_step_that_is_not_offered_is_refused_and_changes_nothing(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await cast.running()
    path = f"/pilots/{pilot.id}"
    before = await cast.fingerprint()
    for part, do, fields, status in (
        ("other_sro", "stop", {"stop_reason": "cost", "reason": WHY}, 403),
        ("rival_admin", "pause", {"reason": WHY}, 403),
        ("lead", "finish", {}, 403),
        ("sro", "approve", {}, 409),
        ("sro", "resume", {"reason": WHY}, 409),
        ("supplier_admin", "accept", {}, 409),
    ):
        await as_actor(visitor, cast[part])
        page = await forge(visitor, path, do, pilot_id=_id(pilot), **fields)
        assert page.status == status, (part, do)
        assert await cast.fingerprint() == before, (part, do)


async def test_nobody_else_finds_a_pilot_that_is_still_asked_for(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await cast.requested()
    path = f"/pilots/{pilot.id}"
    assert (await visitor.see(path)).status == 404
    before = await cast.fingerprint()
    await as_actor(visitor, cast["rival_admin"])
    assert (await visitor.see(path)).status == 404
    page = await forge(visitor, path, "decline", pilot_id=_id(pilot), reason=WHY)
    assert page.status == 404
    assert await cast.fingerprint() == before
    for address in ("/pilots/0", "/pilots/99999", "/pilots/99999999999999999999", "/pilots/x"):
        assert (await visitor.see(address)).status == 404


async def test_a_stranger_is_asked_to_sign_in_before_a_step(visitor: Visitor, cast: Cast) -> None:
    pilot = await cast.running()
    page = await forge(visitor, f"/pilots/{pilot.id}", "pause", pilot_id=_id(pilot), reason=WHY)
    assert page.response.url.path == "/login"
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.RUNNING


async def test_somebody_who_saw_an_older_state_is_told_so(visitor: Visitor, cast: Cast) -> None:
    pilot = await cast.running()
    path = f"/pilots/{pilot.id}"
    page = await at(visitor, cast, "sro", pilot)
    stale = {f["name"]: f["value"] for f in page.form("pause").all("input", type="hidden")}
    await cast.step("sro", service.pause, commands.PausePilot, pilot, reason=WHY)
    response = await visitor.client.post(path, data=stale | {"reason": WHY})
    refused = Seen(response)
    assert refused.status == 409
    assert "Somebody else changed this pilot meanwhile. Load it again." in refused.main.text
    assert forms(refused) == {"resume", "stop"}


async def test_a_form_without_its_token_does_nothing(visitor: Visitor, cast: Cast) -> None:
    pilot = await cast.running()
    await as_actor(visitor, cast["sro"])
    sent = {"do": "pause", "pilot_id": _id(pilot), "reason": WHY}
    assert (await visitor.client.post(f"/pilots/{pilot.id}", data=sent)).status_code == 403
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.RUNNING


async def test_a_dates_mistake_is_shown_where_it_was_made(visitor: Visitor, cast: Cast) -> None:
    pilot = await cast.accepted()
    await as_actor(visitor, cast["sro"])
    dates = {
        "start_on-day": "31", "start_on-month": "2", "start_on-year": "2027",
        "end_on-day": "1", "end_on-month": "6", "end_on-year": "2027",
    }  # fmt: skip
    page = await visitor.send(f"/pilots/{pilot.id}", "approve", dates)
    assert page.status == 400
    assert page.problems == ["Start must be a real date"]
    assert page.form("approve").one("input", name="start_on-day")["value"] == "31"
    page = await visitor.send(
        f"/pilots/{pilot.id}", "approve", dates | {"start_on-day": "1", "start_on-year": "2027"}
    )
    assert page.flash.startswith("The pilot is approved.")
    assert "1 February 2027 to 1 June 2027" in page.main.text


async def test_names_in_the_timeline_are_for_the_parties(visitor: Visitor, cast: Cast) -> None:
    pilot = await cast.running()
    path = f"/pilots/{pilot.id}"
    starter = cast["lead"].name
    public = (await visitor.see(path)).main.one("ol", class_="innohub-timeline").text
    assert starter not in public
    assert "Protocol locked" in public
    inside = await at(visitor, cast, "supplier_viewer", pilot)
    assert f"Started by {starter}" in inside.main.one("ol", class_="innohub-timeline").text


def _id(pilot: Pilot) -> str:
    return identifiers.encode("Pilot", pilot.id)
