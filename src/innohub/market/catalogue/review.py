"""From the submitted version to the one that everybody reads."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.catalogue import events, interests, loading, showing, telling
from innohub.market.catalogue.commands import (
    ApproveTechnology,
    RequestChanges,
    ReviewTechnology,
)
from innohub.market.catalogue.models import (
    LISTING,
    ListingState,
    ListingVersion,
    Technology,
    VersionState,
)
from innohub.outbox.service import record


async def approve(work: UnitOfWork, actor: Actor, command: ApproveTechnology) -> Technology:
    """Publish the version under review: the first, or the one that takes the live one's place.

    Raises NotFound, Denied without `listing:review` or to a member of the supplier, WrongState,
    Conflict on a stale revision or another version than the reviewer read.
    """
    technology, version = await _reviewed(work, actor, command, "approve", "adopt")
    version.state = VersionState.APPROVED
    version.reviewed_at = work.now
    await go_live(work, technology, version)
    await telling.tell_supplier(work, technology, version, what="approved and published.")
    await record(
        work,
        "technology:approve",
        technology,
        detail={"version": version.number, "content_hash": version.content_hash},
        event=events.ListingPublished.about(technology, version),
    )
    return technology


async def request_changes(work: UnitOfWork, actor: Actor, command: RequestChanges) -> Technology:
    """Give the version under review back to its supplier, with the reasons. What was published
    before stays as it is.

    Raises as `approve` does.
    """
    technology, version = await _reviewed(work, actor, command, "request_changes", "send_back")
    version.state = VersionState.CHANGES_REQUESTED
    version.reviewed_at = work.now
    version.review_reason = command.reason
    version.review_reasons = {one.part: one.reason for one in command.reasons}
    await telling.tell_supplier(work, technology, version, what="a reviewer asked for changes.")
    await record(
        work,
        "technology:request_changes",
        technology,
        detail={"version": version.number, "parts": sorted(version.review_reasons)},
        reason=command.reason,
    )
    return technology


async def go_live(work: UnitOfWork, technology: Technology, version: ListingVersion) -> None:
    """Let everybody read this version from now on."""
    version.live_at = work.now
    technology.current_version_id = version.id
    technology.published_at = technology.published_at or work.now
    await showing.show(work, technology, version.content)


async def give_up(work: UnitOfWork, technology: Technology) -> ListingVersion | None:
    """The newest version, no longer under review where it was."""
    newest = await loading.newest_version(work, technology)
    if newest is not None and newest.state == VersionState.IN_REVIEW:
        newest.state = VersionState.SUPERSEDED
    return newest


async def _reviewed(
    work: UnitOfWork, actor: Actor, command: ReviewTechnology, first: str, later: str
) -> tuple[Technology, ListingVersion]:
    """The listing after the reviewer's step, and the version it is about. `first` is the step of a
    listing that was never published, `later` that of a published one."""
    technology = await loading.overseen(work, actor, Permission.LISTING_REVIEW, command)
    await interests.none_declared(work, actor, technology)
    verb = later if technology.state == ListingState.PUBLISHED else first
    state = LISTING.after(verb, technology.state)
    version = await loading.newest_version(work, technology)
    if version is None or version.state != VersionState.IN_REVIEW:
        raise WrongState("No version of this listing waits for review.")
    if command.version not in (None, version.number):
        raise Conflict(f"Version {version.number} was submitted meanwhile. Read it first.")
    technology.state = state
    return technology, version
