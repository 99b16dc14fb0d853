"""What becomes of a published listing that its supplier changes."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError

from innohub.errors import Conflict, Invalid, NotFound
from innohub.identity.viewer import Viewer
from innohub.market.assurance import service as assurance
from innohub.market.assurance.commands import DeclareItem, VerifyItem
from innohub.market.assurance.models import AssuranceItem, AssuranceStatus
from innohub.market.catalogue import commands, service
from innohub.market.catalogue.differences import Kind, runs
from innohub.market.catalogue.models import (
    ListingSection,
    ListingState,
    Section,
    Technology,
    VersionState,
)
from innohub.notices.models import Notice
from tests.market.catalogue.stage import REASON, Stage

DEARER = {
    "price_from_pence": 4_000,
    "price_to_pence": 9_000,
    "price_unit": "officer",
    "price_interval": "month",
}


async def edit(stage: Stage, technology: Technology, **facts: Any) -> None:
    command = commands.EditTechnology.parse({"technology_id": technology.id, **facts})
    await stage.do("supplier_editor", service.edit, command)


async def submit(stage: Stage, technology: Technology) -> None:
    await stage.step("supplier_editor", assurance.submit, commands.SubmitTechnology, technology)


async def approve(stage: Stage, technology: Technology) -> None:
    await stage.step(
        "catalogue_reviewer", assurance.approve, commands.ApproveTechnology, technology
    )


async def body_of(stage: Stage, section: Section) -> list[str]:
    return [row.body for row in await stage.all(ListingSection) if row.section == section]


async def test_a_draft_of_a_published_listing_changes_nothing_that_is_read(stage: Stage) -> None:
    technology = await stage.published()
    before = await stage.load(technology)
    await edit(stage, technology, name="Redact Anew", capabilities=["custody"], **DEARER)
    await stage.write(technology, Section.SUPPORT, "By pigeon.")
    after = await stage.load(technology)
    assert (after.name, after.price_to_pence, after.revision) == (
        before.name,
        before.price_to_pence,
        before.revision,
    )
    assert await body_of(stage, Section.SUPPORT) == ["About support."]
    assert "pigeon" not in after.search_text


async def test_a_minor_edit_is_live_at_once_as_a_version_of_its_own(stage: Stage) -> None:
    technology = await stage.published()
    await stage.write(technology, Section.SUPPORT, "By pigeon.")
    await edit(stage, technology, summary="Blacks out what must not be seen.")
    await submit(stage, technology)
    first, second = await stage.versions(technology)
    shown = await stage.load(technology)
    assert (second.number, second.state, second.material) == (2, VersionState.APPROVED, False)
    assert second.changed == ["summary", "support"]
    assert (second.review_due_on, second.live_at) == (None, stage.database.clock())
    assert (shown.state, shown.current_version_id) == (ListingState.PUBLISHED, second.id)
    assert shown.summary == "Blacks out what must not be seen."
    assert await body_of(stage, Section.SUPPORT) == ["By pigeon."]
    assert "pigeon" in shown.search_text
    assert first.content["sections"]["support"] == "About support."
    assert [event.payload["version"] for event in await stage.events("listing.published")] == [1, 2]


@pytest.mark.parametrize(
    ("facts", "section", "area"),
    [
        (DEARER, None, "price"),
        ({"hosting": ["supplier_cloud_abroad"]}, None, "hosting"),
        ({"data_kinds": ["biometric"]}, None, "data_use"),
        ({"category": "ai_model"}, None, "ai"),
        ({}, Section.PRICE_AND_TERMS, "price"),
        ({}, Section.DATA_USE, "data_use"),
        ({}, Section.DEPLOYMENT_AND_INTEGRATION, "hosting"),
        ({}, Section.SECURITY, "security"),
        ({}, Section.AI_USE, "ai"),
    ],
)
async def test_a_material_edit_waits_for_its_review_while_the_old_version_stays(
    stage: Stage, facts: dict[str, Any], section: Section | None, area: str
) -> None:
    technology = await stage.published()
    if facts:
        await edit(stage, technology, **facts)
    if section:
        await stage.write(technology, section, "It is otherwise now.")
    await submit(stage, technology)
    first, second = await stage.versions(technology)
    assert (second.state, second.material, second.areas) == (VersionState.IN_REVIEW, True, [area])
    assert second.review_due_on is not None
    assert (await stage.load(technology)).current_version_id == first.id
    await approve(stage, technology)
    shown = await stage.load(technology)
    assert shown.current_version_id == second.id
    assert shown.published_at == stage.database.clock()
    if section:
        assert await body_of(stage, section) == ["It is otherwise now."]


async def test_how_it_works_is_material_only_where_ai_has_a_part(stage: Stage) -> None:
    plain = await stage.published()
    learned = await stage.drafted(name="Learned", ai_role="recommends")
    await stage.submit(learned)
    await approve(stage, learned)
    for technology in (plain, learned):
        await stage.write(technology, Section.HOW_IT_WORKS, "By another model.")
        await submit(stage, technology)
    states = [(await stage.versions(one))[-1].state for one in (plain, learned)]
    assert states == [VersionState.APPROVED, VersionState.IN_REVIEW]


async def test_changes_asked_for_leave_the_published_version_and_are_told_by_part(
    stage: Stage,
) -> None:
    technology = await stage.published()
    await edit(stage, technology, **DEARER)
    await submit(stage, technology)
    await stage.step(
        "catalogue_reviewer",
        service.request_changes,
        commands.RequestChanges,
        technology,
        reason=REASON,
        reasons=[{"part": "price", "reason": "Say what the force gets for it."}],
    )
    first, second = await stage.versions(technology)
    shown = await stage.load(technology)
    assert (shown.state, shown.current_version_id) == (ListingState.PUBLISHED, first.id)
    assert second.review_reasons == {"price": "Say what the force gets for it."}
    notices = {row.text for row in await stage.all(Notice)}
    assert "Redact Swiftly, version 2: a reviewer asked for changes." in notices


async def test_a_reason_about_a_part_that_no_listing_has_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        commands.RequestChanges.parse(
            {"technology_id": 1, "reason": REASON, "reasons": [{"part": "mood", "reason": REASON}]}
        )
    assert caught.value.field == "reasons.0.part"


async def test_a_later_submission_takes_the_place_of_the_one_that_waits(stage: Stage) -> None:
    technology = await stage.published()
    await edit(stage, technology, **DEARER)
    await submit(stage, technology)
    await edit(stage, technology, price_from_pence=2_000, **{
        name: DEARER[name] for name in ("price_to_pence", "price_unit", "price_interval")
    })  # fmt: skip
    await submit(stage, technology)
    _, second, third = await stage.versions(technology)
    assert [second.state, third.state] == [VersionState.SUPERSEDED, VersionState.IN_REVIEW]
    stale = {"technology_id": technology.id, "version": 2}
    with pytest.raises(Conflict, match="Version 3 was submitted meanwhile"):
        await stage.do(
            "catalogue_reviewer", assurance.approve, commands.ApproveTechnology.parse(stale)
        )


async def test_what_was_not_changed_cannot_be_submitted(stage: Stage) -> None:
    technology = await stage.published()
    with pytest.raises(Invalid, match="Nothing has changed"):
        await submit(stage, technology)


async def test_a_draft_that_changed_since_it_was_read_is_not_submitted(stage: Stage) -> None:
    technology = await stage.published()
    await stage.write(technology, Section.SUPPORT, "By pigeon.")
    stale = {"technology_id": technology.id, "draft_revision": 1}
    with pytest.raises(Conflict, match="changed the draft"):
        await stage.do("supplier_admin", assurance.submit, commands.SubmitTechnology.parse(stale))


async def test_a_withdrawn_listing_leaves_nothing_in_the_queue(stage: Stage) -> None:
    technology = await stage.published()
    await edit(stage, technology, **DEARER)
    await submit(stage, technology)
    await stage.step(
        "supplier_admin", service.withdraw, commands.WithdrawTechnology, technology, reason=REASON
    )
    assert (await stage.versions(technology))[-1].state == VersionState.SUPERSEDED


async def test_verified_assurance_that_the_change_touches_is_declared_again(stage: Stage) -> None:
    technology = await stage.published()
    for type, reference in (("dpia", "D-1"), ("cyber_essentials", "C-1")):
        command = DeclareItem.parse(
            {
                "technology_id": technology.id, "type": type, "issuer": "Issuer",
                "reference": reference, "issued_on": "2026-06-01", "expires_on": "2027-06-01",
            }
        )  # fmt: skip
        item = await stage.do("supplier_editor", assurance.declare_item, command)
        verify = VerifyItem(item_id=item.id, method="issuer_asked", reason="It is on their list.")
        await stage.do("assurance_officer", assurance.verify_item, verify)
    await stage.write(technology, Section.DATA_USE, "Faces, for a year.")
    await submit(stage, technology)
    await approve(stage, technology)
    standing = {row.type: row.status for row in await stage.all(AssuranceItem)}
    assert standing == {
        "dpia": AssuranceStatus.DECLARED,
        "cyber_essentials": AssuranceStatus.VERIFIED,
    }


async def test_a_version_never_changes_once_it_is_stored(stage: Stage) -> None:
    technology = await stage.published()
    (version,) = await stage.versions(technology)
    for statement in (
        "UPDATE listing_version SET content = '{}' WHERE id = :id",
        "UPDATE listing_version SET number = 7 WHERE id = :id",
        "DELETE FROM listing_version WHERE id = :id",
    ):
        async with stage.database.session() as session:
            with pytest.raises(DBAPIError, match="never changes"):
                await session.execute(sql(statement), {"id": version.id})


async def test_a_difference_is_told_part_by_part_to_those_who_may_see_both(stage: Stage) -> None:
    technology = await stage.published()
    await edit(stage, technology, hosting=["on_device"])
    await stage.write(technology, Section.SUPPORT, "About support. Now by night, too.")
    async with stage.database.session() as session:
        own = Viewer(stage.actors["supplier_viewer"])
        found = await service.difference_of(session, own, technology.slug, None, None)
        stranger = Viewer(stage.actors["stranger"])
        with pytest.raises(NotFound):
            await service.difference_of(session, stranger, technology.slug, None, None)
    assert found.material
    assert [(part.label, part.area) for part in found.parts] == [
        ("Hosting", "hosting"),
        ("Support", None),
    ]
    assert [(run.kind, run.text) for run in found.parts[0].runs] == [(Kind.ADDED, "On the device")]
    assert [(run.kind, run.text.strip()) for run in found.parts[1].runs] == [
        (Kind.KEPT, "About support."),
        (Kind.ADDED, "Now by night, too."),
    ]


WORDS = st.lists(st.sampled_from(["a ", "bird. ", "sings\n", "at ", "night? ", "x"]), max_size=40)


@given(WORDS, WORDS)
def test_what_was_kept_and_removed_is_the_old_text_and_with_what_was_added_the_new(
    old: list[str], new: list[str]
) -> None:
    before, after = "".join(old), "".join(new)
    found = list(runs(before, after))
    assert "".join(run.text for run in found if run.kind is not Kind.ADDED) == before
    assert "".join(run.text for run in found if run.kind is not Kind.REMOVED) == after
    assert all(a.kind is not b.kind for a, b in pairwise(found))


def test_only_the_words_that_changed_are_marked() -> None:
    found = list(
        runs(
            "It keeps footage for 30 days. Then it is gone.",
            "It keeps footage for 7 days. Then it is gone.",
        )
    )
    assert [(run.kind, run.text) for run in found if run.kind is not Kind.KEPT] == [
        (Kind.REMOVED, "30"),
        (Kind.ADDED, "7"),
    ]
