"""From the submitted version to the published listing, and what becomes of it."""

import asyncio
from datetime import UTC, datetime

import pytest

from innohub.errors import Conflict, Denied, Invalid
from innohub.identity.actor import Actor
from innohub.market.assurance import service as assurance
from innohub.market.assurance.commands import DeclareItem
from innohub.market.canonical import canonical, digest
from innohub.market.catalogue import commands, service
from innohub.market.catalogue.models import ListingState, Section, Technology, VersionState
from innohub.market.catalogue.versions import ALWAYS
from tests.conftest import Clock
from tests.market.catalogue.stage import REASON, Stage, draft_fields


async def test_a_submission_freezes_the_listing_word_for_word(stage: Stage) -> None:
    technology = await stage.submitted()
    (version,) = await stage.versions(technology)
    assert (version.number, version.state) == (1, VersionState.IN_REVIEW)
    assert version.content["name"] == "Redact Swiftly"
    assert version.content["price"] == {
        "from_pence": 1_000,
        "to_pence": 2_500,
        "unit": "officer",
        "interval": "month",
    }
    assert version.content["capabilities"] == ["criminal_justice", "data_management"]
    assert version.content["sections"][Section.DATA_USE] == "About data use."
    assert set(version.content["sections"]) == set(Section)
    assert version.content_hash == digest(version.content)
    (event,) = await stage.events("listing.version_created")
    assert event.supplier_id == stage.supplier.id
    assert event.stream == f"technology/{technology.id}"
    assert event.payload["version"] == 1
    assert event.payload["content_hash"] == version.content_hash


async def test_the_review_is_due_at_the_end_of_the_fifth_working_day(
    stage: Stage, clock: Clock
) -> None:
    clock.now = datetime(2026, 12, 23, 9, 0, tzinfo=UTC)
    (version,) = await stage.versions(await stage.submitted())
    # 24, 29, 30, 31 December and 4 January: the 25th and 28th and New Year's Day are holidays.
    assert version.review_due_on == datetime(2027, 1, 5, 0, 0, tzinfo=UTC)


async def test_what_is_missing_is_listed_part_by_part(stage: Stage) -> None:
    nothing = {name: None for name in draft_fields() if name.startswith("price_")}
    command = commands.DraftTechnology.parse(draft_fields(capabilities=[], **nothing))
    technology = await stage.do("supplier_editor", service.draft, command)
    await stage.write(technology, Section.SUPPORT)
    before = await stage.fingerprint()
    with pytest.raises(Invalid) as caught:
        await stage.submit(technology)
    wanted = [section for section in ALWAYS if section != Section.SUPPORT]
    fields = [problem.field for problem in caught.value.problems]
    assert fields == [*wanted, "price_from_pence", "capabilities"]
    assert await stage.fingerprint() == before


async def test_a_second_submission_is_a_second_version_and_leaves_the_first(stage: Stage) -> None:
    technology = await stage.submitted()
    (before,) = await stage.versions(technology)
    await stage.step(
        "catalogue_reviewer",
        service.request_changes,
        commands.RequestChanges,
        technology,
        reason=REASON,
    )
    await stage.write(technology, Section.DATA_USE, "Now it says which data.")
    await stage.submit(technology)
    first, second = await stage.versions(technology)
    assert (first.content, first.content_hash) == (before.content, before.content_hash)
    assert (first.state, first.review_reason) == (VersionState.CHANGES_REQUESTED, REASON)
    assert first.reviewed_at is not None
    assert (second.number, second.state) == (2, VersionState.IN_REVIEW)
    assert second.content["sections"]["data_use"] == "Now it says which data."


async def test_an_approval_publishes_the_version_and_says_so(stage: Stage) -> None:
    technology = await stage.load(await stage.published())
    (version,) = await stage.versions(technology)
    assert technology.state == ListingState.PUBLISHED
    assert technology.current_version_id == version.id
    assert technology.published_at == stage.database.clock()
    assert version.state == VersionState.APPROVED
    (event,) = await stage.events("listing.published")
    assert event.seq == 2
    assert event.payload["technology_slug"] == "redact-swiftly"
    assert (await stage.actions())[-2:] == ["technology:submit", "technology:approve"]


async def test_a_reviewer_of_the_supplier_s_own_house_is_refused(stage: Stage) -> None:
    technology = await stage.submitted()
    reviewer, editor = stage.actors["catalogue_reviewer"], stage.actors["supplier_editor"]
    stage.actors["both"] = Actor(
        kind=reviewer.kind,
        name="Both",
        person_id=reviewer.person_id,
        seats=reviewer.seats + editor.seats,
    )
    before = await stage.fingerprint()
    with pytest.raises(Denied, match="belong to this supplier"):
        await stage.step("both", service.approve, commands.ApproveTechnology, technology)
    assert await stage.fingerprint() == before


async def test_of_two_approvals_at_once_one_wins_and_the_other_is_a_conflict(stage: Stage) -> None:
    technology = await stage.submitted()
    approval = (
        "catalogue_reviewer",
        service.approve,
        commands.ApproveTechnology(technology_id=technology.id),
    )
    _, second = await stage.overlap(approval, approval)
    assert isinstance(second, Conflict)
    assert len(await stage.events("listing.published")) == 1


async def test_of_two_approvals_at_the_same_moment_exactly_one_wins(stage: Stage) -> None:
    technology = await stage.submitted()
    command = commands.ApproveTechnology(technology_id=technology.id)
    outcomes = await asyncio.gather(
        *(stage.do("catalogue_reviewer", service.approve, command) for _ in range(4)),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, Technology) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 3
    assert len(await stage.events("listing.published")) == 1


async def test_approval_and_refusal_at_once_do_not_both_happen(stage: Stage) -> None:
    technology = await stage.submitted()
    refusal = {"technology_id": technology.id, "reason": REASON}
    _, second = await stage.overlap(
        (
            "catalogue_reviewer",
            service.approve,
            commands.ApproveTechnology(technology_id=technology.id),
        ),
        (
            "catalogue_reviewer",
            service.request_changes,
            commands.RequestChanges.parse(refusal),
        ),
    )
    assert isinstance(second, Conflict)
    assert (await stage.load(technology)).state == ListingState.PUBLISHED


async def test_an_approval_of_a_listing_that_changed_since_is_a_conflict(stage: Stage) -> None:
    technology = await stage.submitted()
    fields = {"technology_id": technology.id, "revision": technology.revision - 1}
    with pytest.raises(Conflict):
        await stage.do(
            "catalogue_reviewer", service.approve, commands.ApproveTechnology.parse(fields)
        )


async def test_suspension_reinstatement_and_withdrawal_are_told_in_order(stage: Stage) -> None:
    technology = await stage.published()
    officer = "assurance_officer"
    for part, verb, command in (
        (officer, service.suspend, commands.SuspendTechnology),
        (officer, service.reinstate, commands.ReinstateTechnology),
        ("supplier_admin", service.withdraw, commands.WithdrawTechnology),
    ):
        evidence = {"evidence": "Report 7"} if command is commands.ReinstateTechnology else {}
        await stage.step(part, verb, command, technology, reason=REASON, **evidence)
    (suspended,) = await stage.events("listing.suspended")
    assert suspended.payload["reason"] == REASON
    assert [event.seq for event in await stage.events("listing.published")] == [2, 4]
    assert (await stage.load(technology)).state == ListingState.WITHDRAWN
    assert (await stage.actions())[-3:] == [
        "technology:suspend",
        "technology:reinstate",
        "technology:withdraw",
    ]


async def test_a_step_without_a_reason_is_refused() -> None:
    for command in (
        commands.RequestChanges,
        commands.SuspendTechnology,
        commands.ReinstateTechnology,
        commands.WithdrawTechnology,
    ):
        with pytest.raises(Invalid) as caught:
            command.parse({"technology_id": 1, "reason": " "})
        assert caught.value.field == "reason"


async def test_assurance_held_is_part_of_the_version(stage: Stage) -> None:
    technology = await stage.drafted()
    item = DeclareItem.parse(
        {
            "technology_id": technology.id,
            "type": "cyber_essentials",
            "issuer": "IASME",
            "reference": "CE-1",
            "issued_on": "2026-06-01",
            "expires_on": "2027-06-01",
        }
    )
    await stage.do("supplier_editor", assurance.declare_item, item)
    await stage.submit(technology)
    (version,) = await stage.versions(technology)
    assert version.content["assurance"] == [
        {
            "type": "cyber_essentials",
            "issuer": "IASME",
            "reference": "CE-1",
            "issued_on": "2026-06-01",
            "expires_on": "2027-06-01",
        }
    ]


def test_equal_contents_have_one_canonical_form() -> None:
    assert canonical({"b": "é", "a": [1, 2]}) == '{"a":[1,2],"b":"é"}'.encode()
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})
    assert digest({"a": 1}) != digest({"a": "1"})
