"""What becomes of a listing after it was published: suspended, reinstated, withdrawn."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.catalogue import events, loading, review
from innohub.market.catalogue.commands import (
    ReinstateTechnology,
    SuspendTechnology,
    WithdrawTechnology,
)
from innohub.market.catalogue.models import LISTING, ListingVersion, Technology
from innohub.outbox.service import record


async def suspend(work: UnitOfWork, actor: Actor, command: SuspendTechnology) -> Technology:
    """Let nothing new start with a listing, for a reason that its readers see.

    Raises NotFound, Denied without `listing:suspend` or to a member of the supplier, WrongState,
    Conflict on a stale revision.
    """
    technology = await loading.overseen(work, actor, Permission.LISTING_SUSPEND, command)
    await _suspend(work, technology, command.reason)
    return technology


async def suspend_by_hub(work: UnitOfWork, technology: Technology, reason: str) -> bool:
    """The hub's own step, for a rule that the listing broke; False where it is not published.

    The technology's row is locked by the caller.
    """
    if not LISTING.allows("suspend", technology.state):
        return False
    await _suspend(work, technology, reason)
    return True


async def reinstate(work: UnitOfWork, actor: Actor, command: ReinstateTechnology) -> Technology:
    """Lift a suspension whose cause is cleared; the listing is published again.

    Raises as `suspend` does.
    """
    technology = await loading.overseen(work, actor, Permission.LISTING_SUSPEND, command)
    technology.state = LISTING.after("reinstate", technology.state)
    version = await _current(work, technology)
    await record(
        work,
        "technology:reinstate",
        technology,
        reason=command.reason,
        detail={"evidence": command.evidence},
        event=events.ListingPublished.about(technology, version),
    )
    return technology


async def withdraw(work: UnitOfWork, actor: Actor, command: WithdrawTechnology) -> Technology:
    """Take a listing off the market. It can still be read, with its results and ratings.

    Raises NotFound, Denied without `listing:withdraw`, WrongState, Conflict on a stale revision.
    """
    technology = await loading.own(work, actor, Permission.LISTING_WITHDRAW, command)
    technology.state = LISTING.after("withdraw", technology.state)
    await review.give_up(work, technology)
    await record(work, "technology:withdraw", technology, reason=command.reason)
    return technology


async def _current(work: UnitOfWork, technology: Technology) -> ListingVersion:
    return await work.session.get_one(ListingVersion, technology.current_version_id)


async def _suspend(work: UnitOfWork, technology: Technology, reason: str) -> None:
    technology.state = LISTING.after("suspend", technology.state)
    version = await _current(work, technology)
    await record(
        work,
        "technology:suspend",
        technology,
        reason=reason,
        event=events.ListingSuspended.about(technology, version, reason=reason),
    )
