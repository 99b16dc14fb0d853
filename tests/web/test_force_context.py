"""A force's context sheet and the forces like it, in the pages."""

from typing import Any

from innohub.db.unit_of_work import Database
from innohub.identity.models import Organisation, Role
from innohub.market.forces.models import ForceContext, ForceSize
from innohub.market.pilots.models import PilotState
from tests.factories import a_supplier, somebody, the_force
from tests.web.shelf import HOSTILE, a_listing, a_pilot, a_rating, a_result
from tests.web.visitor import Visitor

SHEET = {
    "peer_group": "rural",
    "size": "small",
    "rms_platform": HOSTILE,
    "command_and_control": "Desk 4",
    "networks": ["psn", "internet"],
    "hosting_policy": ["force_cloud"],
    "vetting_required": "nppv3",
    "union_consultation_days": "28",
    "ethics_committee": "true",
}


async def a_sheet(database: Database, force: Organisation, **given: Any) -> None:
    now = database.clock()
    columns: dict[str, Any] = {"peer_group": "rural", "size": ForceSize.SMALL} | given
    async with database.session() as session, session.begin():
        session.add(ForceContext(force_id=force.id, created_at=now, updated_at=now, **columns))


async def test_a_force_s_lead_fills_in_its_sheet(visitor: Visitor, database: Database) -> None:
    kent = await the_force(database)
    lead = await somebody(database, kent, Role.FORCE_INNOVATION_LEAD)
    await visitor.sign_in_as(lead.person)
    assert "/forces/kent/context" in (await visitor.see("/forces/kent")).links("Fill it in")
    page = await visitor.send(
        "/forces/kent/context", "write", {**SHEET, "union_consultation_days": "soon"}
    )
    assert page.problems == ["Consultation with staff associations must be a whole number"]
    page = await visitor.send("/forces/kent/context", "write", SHEET)
    assert page.flash.startswith("The context sheet is saved.")
    text = page.main.text
    for told in ("Mostly rural", "Under 1,500 officers", "alert('x')", "Desk 4", "PSN", "28 days"):
        assert told in text, told
    assert "The force's own cloud" in text
    assert not page.main.all("script")
    form = (await visitor.see("/forces/kent/context")).form("write")
    ticked = {e["value"] for e in form.all("input") if "checked" in e.attributes}
    assert ticked == {"rural", "small", "psn", "internet", "force_cloud", "nppv3", "true"}


async def test_boxes_that_are_unticked_empty_their_list(
    visitor: Visitor, database: Database
) -> None:
    kent = await the_force(database)
    await a_sheet(database, kent, networks=["psn"], hosting_policy=["force_cloud"])
    lead = await somebody(database, kent, Role.FORCE_INNOVATION_LEAD)
    await visitor.sign_in_as(lead.person)
    await visitor.send("/forces/kent/context", "write", {"rms_platform": "Ledger"})
    async with database.session() as session:
        kept = await session.get_one(ForceContext, 1)
    assert (kept.networks, kept.hosting_policy) == ([], [])


async def test_nobody_else_fills_it_in(visitor: Visitor, database: Database) -> None:
    essex, kent = await the_force(database, "essex"), await the_force(database)
    supplier = await a_supplier(database)
    for organisation, role in (
        (essex, Role.FORCE_INNOVATION_LEAD),
        (kent, Role.FORCE_CHIEF_OFFICER),
        (supplier, Role.SUPPLIER_ADMIN),
    ):
        await visitor.sign_in_as((await somebody(database, organisation, role)).person)
        assert (await visitor.see("/forces/kent/context")).status == 403, role


async def test_suppliers_and_strangers_read_only_what_likens_forces(
    visitor: Visitor, database: Database
) -> None:
    await a_sheet(
        database, await the_force(database), rms_platform="Ledger", command_and_control="Desk 4"
    )
    supplier = await somebody(database, await a_supplier(database), Role.SUPPLIER_ADMIN)
    officer = await somebody(database, await the_force(database, "essex"), Role.FORCE_VIEWER)
    for person, told in ((None, False), (supplier.person, False), (officer.person, True)):
        if person:
            await visitor.sign_in_as(person)
        text = (await visitor.see("/forces/kent")).main.text
        assert "Ledger" in text
        assert ("Desk 4" in text) is told


async def test_peers_are_listed_with_the_reason(visitor: Visitor, database: Database) -> None:
    for slug, group, system in (
        ("kent", "rural", "Ledger"), ("durham", "rural", "ledger"), ("gwent", "capital", "Other"),
    ):  # fmt: skip
        force = await the_force(database, slug)
        await a_sheet(database, force, peer_group=group, rms_platform=system, size=ForceSize.LARGE)
    text = (await visitor.see("/forces/kent")).main.text
    assert (
        "Durham Constabulary: polices the same kind of place, has the same records system and is "
        "of the same size" in text
    )
    assert "Gwent" not in text


async def two_that_piloted(database: Database) -> None:
    """Durham, which is like Kent, and Gwent, which is not: one technology each, one together."""
    for slug, group in (("kent", "rural"), ("durham", "rural"), ("gwent", "capital")):
        size = ForceSize.LARGE if slug == "gwent" else ForceSize.SMALL
        await a_sheet(database, await the_force(database, slug), peer_group=group, size=size)
    for name, slugs in (("Likely", ["durham"]), ("Unlike", ["gwent"])):
        listing = await a_listing(database, name, slug=name.lower())
        for slug in slugs:
            pilot = await a_pilot(
                database, listing, await the_force(database, slug), PilotState.PUBLISHED,
                title=f"In {slug}",
            )  # fmt: skip
            await a_result(database, pilot, finding=f"Found in {slug}.")
            await a_rating(database, pilot, comment=f"Said in {slug}.")


async def test_a_search_narrows_to_what_forces_like_mine_piloted(
    visitor: Visitor, database: Database
) -> None:
    await two_that_piloted(database)
    everything = await visitor.see("/technologies?like=mine")
    assert "Unlike" in everything.main.text, "a stranger has no force to be like"
    lead = await somebody(database, await the_force(database), Role.FORCE_INNOVATION_LEAD)
    await visitor.sign_in_as(lead.person)
    found = await visitor.see("/technologies?like=mine")
    assert [h.text for h in found.main.all("h3")] == ["Likely"]
    assert "/technologies" in found.links("✕ Remove Piloted by forces like mine")


async def test_a_technology_narrows_to_what_forces_like_mine_found_and_said(
    visitor: Visitor, database: Database
) -> None:
    await two_that_piloted(database)
    lead = await somebody(database, await the_force(database), Role.FORCE_INNOVATION_LEAD)
    await visitor.sign_in_as(lead.person)
    for slug, told in (("likely", True), ("unlike", False)):
        whole = await visitor.see(f"/technologies/{slug}")
        (address,) = whole.links("Show only results, ratings and pilots of forces like mine")
        page = await visitor.see(address)
        force = "durham" if slug == "likely" else "gwent"
        for words in (f"Found in {force}.", f"Said in {force}.", f"In {force}"):
            assert words in whole.main.text
            assert (words in page.main.text) is told, words
        assert "Durham Constabulary: polices the same kind of place" in page.main.text
