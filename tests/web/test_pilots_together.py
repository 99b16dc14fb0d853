"""The pages on which force and supplier work together."""

from dataclasses import dataclass

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from innohub.db.unit_of_work import Database
from innohub.graphql.read.reads import MAX_PAGE
from innohub.identity.models import Organisation, OrganisationKind, Role
from innohub.market.catalogue.models import ListingVersion, VersionState
from innohub.market.pilots.models import Pilot, PilotState, PilotStep, Protocol
from tests.factories import Somebody, a_supplier, an_organisation, somebody, the_force
from tests.web.shelf import HOSTILE, a_listing, a_pilot
from tests.web.visitor import Seen, Visitor

DUE = {"due_on-day": "20", "due_on-month": "11", "due_on-year": "2026"}
TODAY = {"held_on-day": "2", "held_on-month": "11", "held_on-year": "2026"}
LIMITS = [{"measure": "safety", "label": "Complaints", "comparison": "at_least", "threshold": 3}]


@dataclass
class Scene:
    pilot: Pilot
    supplier: Organisation
    force: Organisation
    lead: Somebody
    admin: Somebody

    def page(self, part: str) -> str:
        return f"/pilots/{self.pilot.id}/{part}"


@pytest_asyncio.fixture
async def scene(database: Database) -> Scene:
    supplier, kent = await a_supplier(database), await the_force(database)
    listing = await a_listing(database, supplier=supplier)
    pilot = await a_pilot(database, listing, kent)
    async with database.session() as session, session.begin():
        session.add(
            PilotStep(
                pilot_id=pilot.id, verb="start", from_state=None, to_state=PilotState.RUNNING,
                by_name="Lead", created_at=database.clock(),
            )
        )  # fmt: skip
        mine = update(Protocol).where(Protocol.pilot_id == pilot.id)
        await session.execute(mine.values(stop_limits=LIMITS))
    return Scene(
        pilot, supplier, kent,
        await somebody(database, kent, Role.FORCE_INNOVATION_LEAD),
        await somebody(database, supplier, Role.SUPPLIER_ADMIN),
    )  # fmt: skip


async def give(visitor: Visitor, scene: Scene, title: str, side: str, **more: str) -> Seen:
    fields = {"title": title, "side": side, **DUE, **more}
    seen: Seen = await visitor.send(scene.page("tasks"), "add", fields)
    return seen


@pytest.mark.parametrize("part", ["tasks", "messages", "documents", "checkpoints", "timeline"])
async def test_what_the_two_sides_do_is_for_them_and_those_who_oversee(
    visitor: Visitor, database: Database, scene: Scene, part: str
) -> None:
    path = scene.page(part)
    assert (await visitor.see(path)).response.headers["location"].startswith("/login")
    company = await an_organisation(database, OrganisationKind.COMPANY)
    rival = await somebody(database, await a_supplier(database), Role.SUPPLIER_ADMIN)
    other = await somebody(database, await the_force(database, "essex"), Role.FORCE_ANALYST)
    officer = await somebody(database, company, Role.PROGRAMME_OFFICER)
    for who, status in (
        (rival, 403), (other, 403), (officer, 200), (scene.admin, 200), (scene.lead, 200),
    ):  # fmt: skip
        await visitor.sign_in_as(who.person)
        assert (await visitor.see(path)).status == status, who.person.name
        menu = (await visitor.see(f"/pilots/{scene.pilot.id}")).main.all(class_="innohub-parts")
        assert bool(menu) == (status == 200)
    assert (await visitor.see(f"/pilots/999999/{part}")).status == 404


async def test_a_task_is_given_done_and_opened_again(visitor: Visitor, scene: Scene) -> None:
    await visitor.sign_in_as(scene.lead.person)
    page = await give(visitor, scene, "Send the keys", "supplier")
    assert page.flash == "The task is given."
    (task,) = page.main.all("article", class_="innohub-task")
    assert "Due on 20 November 2026" in task.text
    assert not page.has_form("complete")
    await visitor.sign_in_as(scene.admin.person)
    form = (await visitor.see(scene.page("tasks"))).form("complete").one("input", name="task_id")
    page = await visitor.send(scene.page("tasks"), "complete", {})
    assert page.flash == "The task is done."
    assert "Nothing is waiting to be done." in page.main.text
    await visitor.sign_in_as(scene.lead.person)
    page = await visitor.send(
        scene.page("tasks"), "reopen", {"reason": "One key is missing."}, task_id=form["value"]
    )
    assert page.flash == "The task is open again."
    assert "Reopened" in page.main.text


async def test_a_task_is_given_to_a_colleague_and_late_ones_stand_out(
    visitor: Visitor, database: Database, scene: Scene, clock: object
) -> None:
    analyst = await somebody(database, scene.force, Role.FORCE_ANALYST, "Ana Lyst")
    await visitor.sign_in_as(scene.lead.person)
    page = await visitor.see(scene.page("tasks"))
    names = [option.text for option in page.form("add").all("option")]
    assert analyst.person.name in names
    assert scene.admin.person.name not in names
    value = next(o["value"] for o in page.form("add").all("option") if o.text == "Ana Lyst")
    page = await give(visitor, scene, "Count the files", "force", owner_id=value)
    assert "Ana Lyst" in page.main.one("article", class_="innohub-task").text
    assert "Overdue" not in page.main.text
    clock.pass_days(30)  # type: ignore[attr-defined]
    await visitor.sign_in_as(scene.lead.person)
    assert "Overdue" in (await visitor.see(scene.page("tasks"))).main.text


async def test_a_task_without_a_title_is_asked_for_again(visitor: Visitor, scene: Scene) -> None:
    await visitor.sign_in_as(scene.lead.person)
    page = await give(visitor, scene, "", "force")
    assert page.status == 400
    assert page.problems


async def test_a_stale_task_is_not_overwritten(visitor: Visitor, scene: Scene) -> None:
    await visitor.sign_in_as(scene.admin.person)
    await give(visitor, scene, "Send the keys", "supplier")
    form = (await visitor.see(scene.page("tasks"))).form("complete")
    sent = {f["name"]: f["value"] for f in form.all("input", type="hidden")}
    await visitor.send(scene.page("tasks"), "change", DUE | {"due_on-day": "21"})
    refused = await visitor.client.post(scene.page("tasks"), data=sent)
    assert refused.status_code == 409


async def test_messages_are_told_with_their_writer_and_never_as_markup(
    visitor: Visitor, scene: Scene
) -> None:
    await visitor.sign_in_as(scene.lead.person)
    await visitor.send(scene.page("messages"), "post", {"body": "When do we begin?"})
    await visitor.sign_in_as(scene.admin.person)
    page = await visitor.send(scene.page("messages"), "post", {"body": HOSTILE})
    first, second = page.main.all("li", class_="innohub-message")
    assert HOSTILE in first.text
    assert scene.supplier.name in first.text
    assert scene.lead.person.name in second.text
    page = await visitor.send(scene.page("messages"), "post", {"body": " "})
    assert page.status == 400


async def test_a_checkpoint_is_recorded(visitor: Visitor, scene: Scene) -> None:
    await visitor.sign_in_as(scene.lead.person)
    page = await visitor.send(
        scene.page("checkpoints"),
        "record",
        {
            **TODAY, "rating": "amber", "note": "Two cameras are late.",
            "written_rule_met": "false", "readings.0.value": "1", "readings.1.label": "Shifts",
            "readings.1.value": "40",
        },
    )  # fmt: skip
    assert page.flash.startswith("The checkpoint is recorded")
    (one,) = page.main.all("article", class_="innohub-checkpoint")
    for words in ("Amber", "Two cameras are late.", "1 Complaints", "40 Shifts"):
        assert words in one.text
    await visitor.sign_in_as(scene.admin.person)
    page = await visitor.see(scene.page("checkpoints"))
    assert "Two cameras are late." in page.main.text
    assert not page.has_form("record")


async def test_a_met_stop_rule_halts_the_pilot_before_everybodys_eyes(
    visitor: Visitor, scene: Scene
) -> None:
    await visitor.sign_in_as(scene.lead.person)
    fields = {**TODAY, "rating": "green", "note": "Three complained.", "written_rule_met": "false"}
    page = await visitor.send(scene.page("checkpoints"), "record", fields)
    assert page.status == 400
    assert len(page.problems) == 1
    page = await visitor.send(
        scene.page("checkpoints"), "record", {**fields, "readings.0.value": "3"}
    )
    assert "Stop rule met" in page.main.text
    assert "This pilot is paused." in page.main.text
    page = await visitor.see(f"/pilots/{scene.pilot.id}")
    assert "Paused" in page.main.text
    page = await visitor.see(scene.page("timeline"))
    words = [one.one("strong").text for one in page.main.all(class_="innohub-timeline__step")]
    assert words[:3] == ["Paused", "Stop rule met", "Checkpoint recorded"]


async def test_the_timeline_tells_of_tasks_and_of_the_listings_new_versions(
    visitor: Visitor, database: Database, scene: Scene
) -> None:
    async with database.session() as session, session.begin():
        piloted = (await session.scalars(select(ListingVersion))).one()
        session.add(
            ListingVersion(
                technology_id=piloted.technology_id, number=2, state=VersionState.APPROVED,
                content={}, content_hash="1" * 64, review_due_on=database.clock(),
                reviewed_at=database.clock(), live_at=database.clock(),
                created_at=database.clock(),
            )
        )  # fmt: skip
    await visitor.sign_in_as(scene.lead.person)
    await give(visitor, scene, "Send the keys", "supplier")
    page = await visitor.see(scene.page("timeline"))
    assert "Version 2 was approved. The pilot is of version 1." in page.main.text
    assert f"Task given by {scene.lead.person.name}" in page.main.text
    brief = await visitor.see(f"/pilots/{scene.pilot.id}")
    assert "Task given" not in brief.main.text


async def test_the_timeline_has_every_step_and_the_pilots_own_page_every_milestone(
    visitor: Visitor, scene: Scene, database: Database
) -> None:
    async with database.session() as session, session.begin():
        session.add_all(
            PilotStep(
                pilot_id=scene.pilot.id, verb="change_task", from_state=PilotState.RUNNING,
                to_state=PilotState.RUNNING, by_name="Lead", reason=f"Change {number}",
                created_at=database.clock(),
            )
            for number in range(2 * MAX_PAGE + 10)
        )  # fmt: skip
    await visitor.sign_in_as(scene.lead.person)
    page = await visitor.see(scene.page("timeline"))
    told = [step.text for step in page.main.all(class_="innohub-timeline__step")]
    assert len(told) == 2 * MAX_PAGE + 11
    assert "Change 209" in told[0]
    assert "Started" in told[-1]
    own = await visitor.see(f"/pilots/{scene.pilot.id}")
    (milestone,) = own.main.one("ol", class_="innohub-timeline").all("li")
    assert "Started" in milestone.text
