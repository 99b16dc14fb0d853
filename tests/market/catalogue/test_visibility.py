"""Who reads which listings, versions, sections and capabilities."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from innohub.identity.actor import STRANGER
from innohub.identity.viewer import Viewer
from innohub.market.catalogue import commands, policy, service
from innohub.market.catalogue.models import (
    PUBLIC,
    ListingSection,
    ListingState,
    ListingVersion,
    Section,
    Technology,
    TechnologyCapability,
)
from tests.market.catalogue.stage import OUTSIDERS, REASON, Stage

OWN = {
    "supplier_admin", "supplier_editor", "supplier_viewer", "writing_client", "reading_client",
}  # fmt: skip
REVIEWERS = {"catalogue_reviewer", "assurance_officer"}
"""Who judges a listing or its assurance."""


@pytest.mark.parametrize("state", ListingState)
async def test_a_listing_and_its_parts_are_seen_by_the_right_people(
    stage: Stage, state: ListingState
) -> None:
    technology = await stage.published()
    await stage.put(technology, state=state)
    seers = OWN | (REVIEWERS if state not in policy.UNSUBMITTED else set())
    if state in PUBLIC:
        seers = OWN | REVIEWERS | OUTSIDERS
    for part in stage.actors:
        sees = part in seers
        assert bool(await stage.sees(part, Technology, policy.visible)) == sees, part
        for model, rule in (
            (ListingSection, policy.section_visible),
            (TechnologyCapability, policy.capability_visible),
            (ListingVersion, policy.version_visible),
        ):
            assert bool(await stage.sees(part, model, rule)) == sees, (part, model)


async def test_a_version_that_was_given_back_stays_between_supplier_and_reviewers(
    stage: Stage,
) -> None:
    technology = await stage.submitted()
    await stage.step(
        "catalogue_reviewer",
        service.request_changes,
        commands.RequestChanges,
        technology,
        reason=REASON,
    )
    await stage.submit(technology)
    await stage.step("catalogue_reviewer", service.approve, commands.ApproveTechnology, technology)
    for part in stage.actors:
        seen = await stage.sees(part, ListingVersion, policy.version_visible)
        assert seen == ({1, 2} if part in OWN | REVIEWERS else {2}), part


async def test_a_rule_inside_a_query_of_the_same_table_judges_the_inner_row(stage: Stage) -> None:
    public, draft = await stage.published(), await stage.drafted(name="Not yet")
    inner, section = aliased(Technology), aliased(ListingSection)
    viewer = Viewer(STRANGER)
    visible = select(func.count()).select_from(inner).where(policy.visible(inner, viewer))
    sections = (
        select(func.count())
        .select_from(section)
        .where(section.technology_id == Technology.id, policy.section_visible(section, viewer))
        .correlate(Technology)
    )
    query = select(Technology.id, visible.scalar_subquery(), sections.scalar_subquery())
    async with stage.database.session() as session:
        found = {id: counts for id, *counts in await session.execute(query)}
    assert found == {public.id: [1, len(Section)], draft.id: [1, 0]}
