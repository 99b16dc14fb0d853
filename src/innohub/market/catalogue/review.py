"""From the submitted version to the published one."""

from collections.abc import Mapping, Sequence
from typing import Any

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Invalid
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.catalogue import events, loading, versions
from innohub.market.catalogue.commands import ApproveTechnology, RequestChanges, SubmitTechnology
from innohub.market.catalogue.models import LISTING, ListingVersion, Technology, VersionState
from innohub.market.catalogue.working_days import close_of_working_day
from innohub.outbox.service import record

REVIEW_WORKING_DAYS = 5


async def submit(
    work: UnitOfWork,
    actor: Actor,
    command: SubmitTechnology,
    *,
    assurance: Sequence[Mapping[str, Any]],
) -> Technology:
    """Freeze the draft as the next version and put it before the reviewers.

    `assurance` are the items held, which the assurance service knows; call `submit` there.
    Raises NotFound, Denied without `listing:submit`, WrongState, Conflict on a stale revision,
    Invalid with one problem for each part that is missing.
    """
    technology = await loading.own(work, actor, Permission.LISTING_SUBMIT, command)
    state = LISTING.after("submit", technology.state)
    content = await _complete_content(work, technology, assurance)
    before = await loading.newest_version(work, technology)
    version = ListingVersion(
        technology_id=technology.id,
        number=before.number + 1 if before else 1,
        state=VersionState.IN_REVIEW,
        content=content,
        content_hash=versions.hash_of(content),
        review_due_on=close_of_working_day(work.now, REVIEW_WORKING_DAYS),
        created_at=work.now,
    )
    work.session.add(version)
    technology.state = state
    await record(
        work,
        "technology:submit",
        technology,
        detail={"version": version.number, "content_hash": version.content_hash},
        event=events.VersionCreated.about(technology, version),
    )
    return technology


async def approve(work: UnitOfWork, actor: Actor, command: ApproveTechnology) -> Technology:
    """Publish the version under review.

    Raises NotFound, Denied without `listing:review` or to a member of the supplier, WrongState,
    Conflict on a stale revision.
    """
    technology = await loading.overseen(work, actor, Permission.LISTING_REVIEW, command)
    technology.state = LISTING.after("approve", technology.state)
    version = await _under_review(work, technology)
    version.state = VersionState.APPROVED
    version.reviewed_at = work.now
    technology.current_version_id = version.id
    technology.published_at = work.now
    await record(
        work,
        "technology:approve",
        technology,
        detail={"version": version.number, "content_hash": version.content_hash},
        event=events.ListingPublished.about(technology, version),
    )
    return technology


async def request_changes(work: UnitOfWork, actor: Actor, command: RequestChanges) -> Technology:
    """Give the version under review back to its supplier, with the reason.

    Raises as `approve` does.
    """
    technology = await loading.overseen(work, actor, Permission.LISTING_REVIEW, command)
    technology.state = LISTING.after("request_changes", technology.state)
    version = await _under_review(work, technology)
    version.state = VersionState.CHANGES_REQUESTED
    version.reviewed_at = work.now
    version.review_reason = command.reason
    await record(
        work,
        "technology:request_changes",
        technology,
        detail={"version": version.number},
        reason=command.reason,
    )
    return technology


async def _complete_content(
    work: UnitOfWork, technology: Technology, assurance: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    sections = await loading.sections_of(work, technology)
    capabilities = await loading.capabilities_of(work, technology)
    problems = versions.missing_from(technology, capabilities, sections)
    if problems:
        raise Invalid(problems[0].message, field=problems[0].field, problems=problems)
    return versions.content_of(technology, capabilities, sections, assurance)


async def _under_review(work: UnitOfWork, technology: Technology) -> ListingVersion:
    version = await loading.newest_version(work, technology)
    if version is None or version.state != VersionState.IN_REVIEW:
        raise Conflict("This version was reviewed already.")
    return version
