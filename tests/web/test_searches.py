"""Saved and locked searches through the pages."""

import pytest

from innohub.db.unit_of_work import Database
from innohub.identity.models import Role
from innohub.market.forces.models import ForceContext
from tests.factories import somebody, the_force
from tests.web.shelf import HOSTILE, a_listing, a_pilot
from tests.web.test_technologies import names
from tests.web.visitor import Visitor

REASON = {"reason": "The only one with a result of a trial."}


@pytest.fixture
async def lead(visitor: Visitor, database: Database) -> Visitor:
    force = await the_force(database)
    person = await somebody(database, force, Role.FORCE_INNOVATION_LEAD)
    return await visitor.sign_in_as(person.person)


async def test_a_search_is_saved_opened_again_and_deleted(
    lead: Visitor, database: Database
) -> None:
    await a_listing(database, "Veilwright", summary="Redaction.")
    address = "/technologies?q=redaction&category=ai_model&trl=8"
    saved = await lead.send(address, "save", {"name": "For case files"})
    assert saved.flash == "The search is saved. You get a notice when something new fits."
    page = await lead.see("/searches")
    (again,) = page.links("For case files")
    assert names(await lead.see(again)) == ["Veilwright"]
    deleted = await lead.send("/searches", "delete", {})
    assert deleted.flash.startswith("The saved search is deleted.")
    assert "You have saved no search yet." in deleted.main.text


async def test_a_name_that_is_taken_is_refused_beside_its_field(
    lead: Visitor, database: Database
) -> None:
    await a_listing(database, "Veilwright", summary="Redaction.")
    for _ in range(2):
        page = await lead.send("/technologies?q=redaction", "save", {"name": "Mine"})
    assert page.status == 409
    assert page.problems == ["You have a saved search of this name."]


async def test_a_search_for_nothing_offers_neither(lead: Visitor, visitor: Visitor) -> None:
    assert not (await lead.see("/technologies")).has_form("save")
    assert (await lead.see("/searches/lock")).status == 400


async def test_a_lead_locks_a_search_and_replays_it(lead: Visitor, database: Database) -> None:
    await a_listing(
        database, "Veilwright", summary="Redaction.", best_verdict="worked", best_grade=4
    )
    await a_listing(database, HOSTILE, slug="hostile", summary="Redaction, too.")
    page = await lead.see("/technologies?q=redaction")
    (way,) = (link for link in page.links() if link.startswith("/searches/lock"))
    boxes = (await lead.see(way)).main.all("input", type="checkbox")
    locked = await lead.send(
        way, "lock", {"title": "Case files", "chosen": [boxes[0]["value"]], **REASON}
    )
    assert locked.flash.startswith("The search is locked.")
    assert locked.heading == "Case files"
    assert "says that it worked" in locked.main.text
    assert HOSTILE in locked.main.text
    (replay,) = locked.links("Replay now")
    replayed = await lead.see(replay)
    assert "Nothing has changed" in replayed.main.text
    assert (await lead.see("/searches")).links("Case files")


async def test_without_a_choice_or_a_reason_nothing_is_locked(
    lead: Visitor, database: Database
) -> None:
    await a_listing(database, "Veilwright", summary="Redaction.")
    page = await lead.send("/searches/lock?q=redaction", "lock", {"title": "Case files"})
    assert page.status == 400
    assert len(page.problems) == 2


async def test_another_force_finds_no_such_record(lead: Visitor, database: Database) -> None:
    listing = await a_listing(database, "Veilwright", summary="Redaction.")
    assert listing.id
    way = "/searches/lock?q=redaction"
    boxes = (await lead.see(way)).main.all("input", type="checkbox")
    locked = await lead.send(
        way, "lock", {"title": "Case files", "chosen": [boxes[0]["value"]], **REASON}
    )
    address = str(locked.response.url.path)
    essex = await the_force(database, "essex")
    other = await somebody(database, essex, Role.FORCE_INNOVATION_LEAD)
    await lead.sign_in_as(other.person)
    assert (await lead.see(address)).status == 404
    assert (await lead.see(address + "?replay=now")).status == 404


async def test_forces_like_mine_are_kept_as_those_like_the_readers_force(
    lead: Visitor, database: Database
) -> None:
    kent, essex = await the_force(database, "kent"), await the_force(database, "essex")
    async with database.session() as session, session.begin():
        for force in (kent, essex):
            session.add(
                ForceContext(
                    force_id=force.id, peer_group="mixed", updated_at=database.clock(),
                    created_at=database.clock(),
                )
            )  # fmt: skip
    piloted = await a_listing(database, "Veilwright", summary="Redaction.")
    await a_listing(database, "Blotter", summary="Redaction.")
    await a_pilot(database, piloted, essex)
    way = "q=redaction&like=mine"
    page = await lead.send(f"/technologies?{way}", "save", {"name": "Mine"})
    assert page.flash.startswith("The search is saved.")
    (address,) = (await lead.see("/searches")).links("Mine")
    assert address == "/technologies?q=redaction&like=kent"
    page = await lead.see(address)
    assert "Veilwright" in page.main.text
    assert "Blotter" not in page.main.text
    assert "Piloted by forces like mine" in page.main.text

    boxes = (await lead.see(f"/searches/lock?{way}")).main.all("input", type="checkbox")
    assert len(boxes) == 1
    locked = await lead.send(
        f"/searches/lock?{way}",
        "lock", {"title": "Case files", "chosen": [boxes[0]["value"]], **REASON},
    )  # fmt: skip
    replayed = await lead.see(f"{locked.response.url.path}?replay=now")
    assert "The same search finds 1 technology now" in replayed.main.text
    surrey = await somebody(database, await the_force(database, "surrey"), Role.FORCE_VIEWER)
    await lead.sign_in_as(surrey.person)
    assert "Piloted by forces like Kent Police" in (await lead.see(address)).main.text


async def test_a_likeness_with_nobody_is_not_kept(lead: Visitor, database: Database) -> None:
    await a_listing(database, "Veilwright", summary="Redaction.")
    page = await lead.send("/technologies?q=redaction&like=narnia", "save", {"name": "Mine"})
    assert page.status == 400
    assert page.problems[0].startswith("There is no force to compare with.")
