"""The protocol's page: numbers entered as people say them, two people, one hash."""

from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.market.pilots import commands, service
from innohub.market.pilots.headings import ProtocolHeading, title
from innohub.market.pilots.models import Pilot, PilotState, Protocol
from innohub.web.pages.protocol.designs import DESIGNS
from innohub.web.pages.protocol.entering import as_entered
from tests.market.pilots.cast import TEXTS, Cast, a_cast
from tests.web.parts import as_actor, forge
from tests.web.visitor import Seen, Visitor

PLAN = {
    "baseline_value": "42.5",
    "baseline_source": "Case system, April to September",
    "minimum_important_effect": "5",
    "design": "individual_rct",
    "unit_of_analysis": "case_file",
    "delivery_framework": "in_house",
    **{f"sections.{heading}": text for heading, text in TEXTS.items()},
    "sample_size": "400",
    "analysis_plan": "Risk difference between the two groups.",
    "stop_rules": "Two complaints of one kind in a week.",
    "result_due_on-day": "1", "result_due_on-month": "6", "result_due_on-year": "2027",
}  # fmt: skip


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def stored(cast: Cast) -> Protocol | None:
    async with cast.database.session() as session:
        return (await session.scalars(select(Protocol))).one_or_none()


async def plan(visitor: Visitor, pilot: Pilot, **changed: Any) -> Seen:
    return await visitor.send(f"/pilots/{pilot.id}/protocol", "propose", PLAN | changed)


def address(pilot: Pilot) -> str:
    return f"/pilots/{pilot.id}/protocol"


async def test_shares_are_entered_in_per_cent_and_kept_as_fractions(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await cast.approved()
    await as_actor(visitor, cast["analyst"])
    page = await plan(visitor, pilot)
    assert page.flash.startswith("The protocol is written.")
    protocol = await stored(cast)
    assert protocol is not None
    assert (protocol.baseline_value, protocol.minimum_important_effect) == (0.425, 0.05)
    assert "Baseline 42.5% (Case system, April to September)" in page.main.text
    assert "Smallest change worth having 5 percentage points higher" in page.main.text
    form = page.form("propose")
    assert form.one("input", name="baseline_value")["value"] == "42.5"
    assert form.one("input", name="minimum_important_effect")["value"] == "5"


async def test_a_rate_takes_its_change_in_per_cent_and_may_have_its_own_unit(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await cast.approved(kpi="use_of_force")
    await as_actor(visitor, cast["analyst"])
    assert "per 1000 arrests" in (await visitor.see(address(pilot))).main.text
    await plan(visitor, pilot, unit="per 1000 shifts", minimum_important_effect="12.5")
    protocol = await stored(cast)
    assert protocol is not None
    assert (protocol.baseline_value, protocol.minimum_important_effect) == (42.5, 0.125)
    assert protocol.unit == "per 1000 shifts"


async def test_a_mean_is_entered_in_its_own_unit(visitor: Visitor, cast: Cast) -> None:
    pilot = await cast.approved(kpi="redaction_minutes_per_file")
    await as_actor(visitor, cast["analyst"])
    page = await plan(visitor, pilot)
    protocol = await stored(cast)
    assert protocol is not None
    assert (protocol.baseline_value, protocol.minimum_important_effect) == (42.5, 5.0)
    assert "5 minutes lower" in page.main.text


async def test_what_cannot_be_is_refused_in_the_forms_own_words(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await cast.approved()
    await as_actor(visitor, cast["analyst"])
    for changed, problem in (
        ({"baseline_value": "142"}, "The baseline must be from 0% to 100%."),
        ({"baseline_value": "a lot"}, "Baseline must be a number"),
        ({"baseline_value": ""}, "Enter the baseline"),
        ({"minimum_important_effect": "101"}, "The change must be from 0 to 100 percentage points"),
        ({"minimum_important_effect": "nan"}, "Smallest change worth having must be a number"),
        ({"design": ""}, "Select the design"),
        ({"sample_size": "1"}, "Sample size must be 2 or more"),
        ({"result_due_on-year": "2026"}, "The result is due after the end of the pilot."),
    ):
        page = await plan(visitor, pilot, **changed)
        assert page.status == 400, changed
        (told,) = page.problems
        assert told.startswith(problem), told
        assert page.form("propose").one("input", name="baseline_value")["value"] == (
            changed.get("baseline_value", "42.5")
        )
    assert await stored(cast) is None


async def test_a_second_person_locks_it_and_everybody_sees_the_hash(
    visitor: Visitor, cast: Cast
) -> None:
    pilot, protocol = await cast.with_protocol()
    await as_actor(visitor, cast["analyst"])
    page = await visitor.see(address(pilot))
    assert "a second person has to lock it" in page.main.text
    assert not page.has_form("lock")
    await as_actor(visitor, cast["second_analyst"])
    page = await visitor.send(address(pilot), "lock", {})
    assert page.flash.startswith("The protocol is locked")
    assert not page.has_form("propose")
    locked = await cast.load(Protocol, protocol.id)
    assert locked.hash is not None
    visitor.client.cookies.clear()
    public = await visitor.see(address(pilot))
    assert locked.hash in public.main.text
    assert "Risk difference between the two groups of files." in public.main.text


async def test_the_document_has_crim_ports_twelve_headings_with_fields_and_texts(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await cast.locked(sections=TEXTS | {"timing": "Thirteen weeks\n\nand <b>no more</b>."})
    page = await visitor.see(address(pilot))
    named = [f"{number}. {title(heading)}" for number, heading in enumerate(ProtocolHeading, 1)]
    headings = [heading.text for heading in page.main.all("h2")]
    assert [heading for heading in headings if heading[0].isdigit()] == named
    assert all(f"#{heading}" in page.links() for heading in ProtocolHeading)
    text = page.main.text
    assert "Question Do more files pass the first quality assessment?" in text
    assert "Delivery framework In-house, by the force itself" in text
    assert "Unit of analysis Case file" in text
    assert "Sample 400" in text
    assert "With it Medway" in text
    assert "Thirteen weeks and <b>no more</b>." in text
    assert all(written in text for written in TEXTS.values())
    assert "To be written" not in text
    assert "Nobody was asked" not in text


async def test_a_draft_may_lack_texts_and_its_lock_says_which(visitor: Visitor, cast: Cast) -> None:
    pilot = await cast.approved()
    await cast.step("assurance_reviewer", service.sign_assurance, commands.SignAssurance, pilot)
    await as_actor(visitor, cast["analyst"])
    lacking = {"sections.eligibility_criteria": "", "unit_of_analysis": ""}
    page = await plan(visitor, pilot, **lacking)
    assert page.flash.startswith("The protocol is written. Once nothing is missing")
    assert page.form("propose").one("textarea", name="sections.timing").text.strip() == ""
    await as_actor(visitor, cast["second_analyst"])
    page = await visitor.see(address(pilot))
    assert "4. Eligibility criteria To be written" in page.main.text
    assert not page.has_form("lock")
    page = await forge(visitor, address(pilot), "lock", pilot_id=_id(pilot))
    assert page.status == 400
    assert page.problems == [
        "3. Unit of analysis: choose the unit of analysis.",
        "4. Eligibility criteria: nothing is written yet.",
    ]
    side = (await visitor.see(f"/pilots/{pilot.id}")).main.text
    assert "Write the protocol." in side
    await plan(visitor, pilot)
    await as_actor(visitor, cast["analyst"])
    await visitor.send(address(pilot), "lock", {})
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.PROTOCOL_LOCKED


async def test_a_plan_of_the_time_before_the_headings_shows_what_it_has(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await cast.locked()
    before = {"sections": {}, "unit_of_analysis": None, "delivery_framework": None}
    async with cast.database.session() as session, session.begin():
        of_pilot = Protocol.pilot_id == pilot.id
        await session.execute(update(Protocol).where(of_pilot).values(**before))
    text = (await visitor.see(address(pilot))).main.text
    assert "Baseline 20% (Case management system, April to September)" in text
    assert text.count("Nobody was asked for this when the plan was locked.") == 7


async def test_it_cannot_be_locked_before_the_assurance_is_signed(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await cast.approved()
    await as_actor(visitor, cast["analyst"])
    await plan(visitor, pilot)
    await as_actor(visitor, cast["adviser"])
    page = await visitor.see(address(pilot))
    assert "signed the assurance" in page.main.text
    assert not page.has_form("lock")
    page = await forge(visitor, address(pilot), "lock", pilot_id=_id(pilot))
    assert page.status == 409
    assert "have not signed the assurance yet" in page.main.text


async def test_a_draft_is_read_by_the_parties_and_changed_by_analysts_alone(
    visitor: Visitor, cast: Cast
) -> None:
    pilot, _ = await cast.with_protocol()
    before = await cast.fingerprint()
    for part, reads in (
        ("supplier_viewer", True), ("lead", True), ("sro", True), ("adviser", True),
        ("other_analyst", False), ("board_member", False),
    ):  # fmt: skip
        await as_actor(visitor, cast[part])
        page = await visitor.see(address(pilot))
        assert ("Risk difference" in page.main.text) is reads, part
        assert not page.has_form("propose"), part
        page = await forge(visitor, address(pilot), "propose", pilot_id=_id(pilot), **PLAN)
        assert page.status == 403, part
    await as_actor(visitor, cast["analyst"])
    page = await forge(visitor, address(pilot), "lock", pilot_id=_id(pilot))
    assert page.status == 403
    assert await cast.fingerprint() == before
    visitor.client.cookies.clear()
    assert (await visitor.see(address(pilot))).status == 404


async def test_somebody_who_changes_an_older_version_is_told_so(
    visitor: Visitor, cast: Cast
) -> None:
    pilot, protocol = await cast.with_protocol()
    await as_actor(visitor, cast["second_analyst"])
    form = (await visitor.see(address(pilot))).form("propose")
    stale = {f["name"]: f["value"] for f in form.all("input", type="hidden")}
    fields = {
        "pilot_id": pilot.id, "revision": protocol.revision, "baseline_value": 0.3,
        "baseline_source": "Another source", "minimum_important_effect": 0.1,
        "design": "before_after", "sample_size": 300, "analysis_plan": "Another.",
        "stop_rules": "None.", "result_due_on": "2027-06-01",
    }  # fmt: skip
    command = commands.ProposeProtocol.parse(fields)
    await cast.do("analyst", service.propose_protocol, command)
    page = Seen(await visitor.client.post(address(pilot), data=stale | PLAN))
    assert page.status == 409
    assert "change the revision that you have read" in page.main.text
    kept = await stored(cast)
    assert kept is not None
    assert kept.baseline_source == "Another source"


@pytest.mark.parametrize(
    ("kept", "per_cent", "shown"),
    [(0.07, True, "7"), (0.425, True, "42.5"), (58.0, False, "58"), (1e-05, True, "0.001")],
)
def test_a_kept_number_is_shown_as_it_was_entered(kept: float, per_cent: bool, shown: str) -> None:
    assert as_entered(kept, per_cent=per_cent) == shown


def test_every_design_that_is_computed_is_described_the_strongest_first() -> None:
    assert len(DESIGNS) == 12
    grades = [design.grade for design in DESIGNS.values()]
    assert grades == sorted(grades, reverse=True)


def _id(pilot: Pilot) -> str:
    return identifiers.encode("Pilot", pilot.id)
