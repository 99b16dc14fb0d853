"""What stands between a submission and its approval: interests, duplicates; and old drafts."""

import pytest

from innohub.errors import Conflict, Denied, NotFound, WrongState
from innohub.identity.actor import SYSTEM
from innohub.identity.models import Role
from innohub.identity.viewer import Viewer
from innohub.market.assurance import service as assurance
from innohub.market.catalogue import commands, service
from innohub.market.catalogue.models import ListingState, Section, SupplierInterest, Technology
from innohub.market.catalogue.readiness import backing
from innohub.notices.models import Notice
from tests.conftest import Clock
from tests.market.catalogue.stage import OUTSIDERS, REASON, Stage

REVIEWER = "catalogue_reviewer"


def interest(stage: Stage) -> commands.DeclareSupplierInterest:
    fields = {"supplier_id": stage.supplier.id, "reason": "I hold shares in it."}
    return commands.DeclareSupplierInterest.parse(fields)


async def archive(stage: Stage, technology: Technology) -> None:
    async with stage.database.unit_of_work(SYSTEM.signature()) as work:
        command = commands.ArchiveTechnology(technology_id=technology.id)
        await service.archive(work, SYSTEM, command)


async def duplicates(stage: Stage, part: str, slug: str) -> list[str]:
    async with stage.database.session() as session:
        viewer = Viewer(stage.actors[part])
        return [one.slug for one in await service.possible_duplicates(session, viewer, slug)]


async def test_a_reviewer_with_an_interest_in_the_supplier_neither_approves_nor_sends_back(
    stage: Stage,
) -> None:
    technology = await stage.submitted()
    await stage.do(REVIEWER, service.declare_supplier_interest, interest(stage))
    before = await stage.fingerprint()
    with pytest.raises(Denied, match="declared an interest"):
        await stage.step(REVIEWER, assurance.approve, commands.ApproveTechnology, technology)
    with pytest.raises(Denied, match="declared an interest"):
        await stage.step(
            REVIEWER, service.request_changes, commands.RequestChanges, technology, reason=REASON
        )
    assert await stage.fingerprint() == before
    company = next(s.organisation_id for s in stage.actors[REVIEWER].seats)
    organisation = await stage.load_organisation(company)
    await stage.cast({"second_reviewer": (organisation, Role.CATALOGUE_REVIEWER)})
    await stage.step("second_reviewer", assurance.approve, commands.ApproveTechnology, technology)


async def test_an_interest_is_declared_by_reviewers_once_and_of_suppliers_only(
    stage: Stage,
) -> None:
    await stage.try_everybody(
        service.declare_supplier_interest, interest(stage), allowed={REVIEWER}
    )
    await stage.do(REVIEWER, service.declare_supplier_interest, interest(stage))
    with pytest.raises(Conflict):
        await stage.do(REVIEWER, service.declare_supplier_interest, interest(stage))
    of_a_force = commands.DeclareSupplierInterest(supplier_id=stage.force.id, reason=REASON)
    with pytest.raises(NotFound):
        await stage.do(REVIEWER, service.declare_supplier_interest, of_a_force)
    (stored,) = await stage.all(SupplierInterest)
    assert stored.person_id == stage.people[REVIEWER].id


async def test_listings_alike_are_shown_to_reviewers_and_to_nobody_else(stage: Stage) -> None:
    first = await stage.published()
    second = await stage.submitted(name="Redact Swiftly Again")
    await stage.drafted(name="Redact Swiftly in secret")
    await stage.submitted(name="Quiet Drone", summary="Flies over fields by night.")
    assert await duplicates(stage, REVIEWER, second.slug) == [first.slug]
    for part in OUTSIDERS | {"supplier_admin"}:
        if part != "system":
            assert await duplicates(stage, part, second.slug) == []


async def test_words_that_would_break_a_query_are_only_words(stage: Stage) -> None:
    facts = {"name": "O'Hara & sons | 'x' <-> !y : * ( \\ ", "summary": "It's \\' odd."}
    odd, same = await stage.submitted(**facts), await stage.submitted(**facts)
    assert await duplicates(stage, REVIEWER, odd.slug) == [same.slug]


async def test_a_draft_that_nobody_touched_for_a_year_is_archived(
    stage: Stage, clock: Clock
) -> None:
    old = await stage.drafted()
    published = await stage.published(name="Published")
    clock.pass_days(200)
    kept = await stage.drafted(name="Kept")
    clock.pass_days(165)
    assert await service.archive_idle(stage.database) == 1
    states = {row.id: row.state for row in await stage.all(Technology)}
    assert states == {
        old.id: ListingState.ARCHIVED,
        published.id: ListingState.PUBLISHED,
        kept.id: ListingState.DRAFT,
    }
    assert (await stage.actions())[-1] == "technology:archive"
    told = [row.text for row in await stage.all(Notice) if "archived" in row.text]
    assert len(told) == 2
    assert await service.archive_idle(stage.database) == 0


async def test_whoever_touches_a_draft_keeps_it(stage: Stage, clock: Clock) -> None:
    technology = await stage.drafted()
    clock.pass_days(364)
    await stage.write(technology, Section.SUPPORT, "By telephone.")
    clock.pass_days(364)
    assert await service.archive_idle(stage.database) == 0
    with pytest.raises(WrongState, match="touched within"):
        await archive(stage, technology)


async def test_only_the_hub_archives_and_only_a_draft(stage: Stage, clock: Clock) -> None:
    technology = await stage.published()
    command = commands.ArchiveTechnology(technology_id=technology.id)
    clock.pass_days(400)
    for part in stage.actors.keys() - {"system"}:
        with pytest.raises(Denied):
            await stage.do(part, service.archive, command)
    with pytest.raises(WrongState, match="must be draft"):
        await archive(stage, technology)


@pytest.mark.parametrize(
    ("trl", "pilots", "forces", "borne"),
    [
        (6, 0, 0, True),
        (7, 0, 0, False),
        (7, 1, 0, True),
        (8, 1, 0, True),
        (9, 1, 0, False),
        (9, 2, 1, True),
    ],
)
def test_a_claimed_level_is_borne_by_pilots_and_forces(
    trl: int, pilots: int, forces: int, borne: bool
) -> None:
    assert backing(trl, completed_pilots=pilots, live_forces=forces)[0] is borne
