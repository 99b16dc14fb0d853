"""What must hold of listings, pilots and ratings at any moment, whoever did whatever before."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.market.catalogue.models import ListingState, Technology
from innohub.market.pilots.models import (
    NEVER_RAN,
    Pilot,
    PilotForce,
    PilotState,
    PilotStep,
    PilotTurn,
    Protocol,
)
from innohub.market.ratings.models import Rating
from innohub.market.ratings.service import RATEABLE
from innohub.outbox.models import AuditEntry

S = PilotState
BEFORE_LOCK = NEVER_RAN | {S.PROPOSED, S.OVERLAP_REVIEW, S.SCOPING, S.ASSURANCE}
RUNS = {S.RUNNING, S.PAUSED}
OPEN = set(PilotState) - NEVER_RAN - {S.STOPPED, S.PUBLISHED}


async def pilot_holds(session: AsyncSession, pilot: Pilot) -> None:
    steps = (
        await session.scalars(
            select(PilotStep).where(PilotStep.pilot_id == pilot.id).order_by(PilotStep.id)
        )
    ).all()
    protocol = await session.scalar(select(Protocol).where(Protocol.pilot_id == pilot.id))
    _locked_before_it_ran(pilot, protocol, steps)
    _told_whole(pilot, steps, await _audits(session, pilot))
    await _somebodys_turn(session, pilot)
    _lapsed_after_warning(steps)
    await _only_the_ready_go_along(session, pilot)


async def ratings_hold(session: AsyncSession, listing: Technology) -> None:
    """No rating without a pilot that ran; of each version a force has one that stands."""
    standing: set[tuple[int, int]] = set()
    for rating in await session.scalars(select(Rating).where(Rating.technology_id == listing.id)):
        rated = await session.get_one(Pilot, rating.pilot_id)
        assert rated.state in RATEABLE, "a rating without a pilot that ran"
        assert rated.started_on is not None, "a rating of a pilot that never started"
        assert rated.force_id == rating.force_id
        if rating.superseded_at is None:
            key = (rating.force_id, rating.listing_version_id)
            assert key not in standing, "a force rates a version twice"
            standing.add(key)


async def listing_holds(session: AsyncSession, listing: Technology) -> None:
    """What is off the market has no pilot that goes on without its force's word; what was never
    published has none at all."""
    pilots = (await session.scalars(select(Pilot).where(Pilot.technology_id == listing.id))).all()
    if listing.published_at is None:
        assert not pilots, f"pilots of a listing that is {listing.state}"
    if listing.state is not ListingState.WITHDRAWN:
        return
    for pilot in pilots:
        agreed = await session.scalar(
            select(func.count()).where(
                PilotStep.pilot_id == pilot.id, PilotStep.verb == "agree_continuation"
            )
        )
        assert pilot.state not in OPEN or agreed, "withdrawn under an open pilot"


def _locked_before_it_ran(
    pilot: Pilot, protocol: Protocol | None, steps: Sequence[PilotStep]
) -> None:
    if pilot.state in BEFORE_LOCK:
        assert pilot.started_on is None, f"started, and {pilot.state}"
        return
    assert protocol is not None, f"{pilot.state} without a protocol"
    assert protocol.hash, f"{pilot.state} without a locked protocol"
    verbs = [step.verb for step in steps]
    assert verbs.count("lock_protocol") == 1
    if pilot.state in RUNS:
        assert "start" in verbs
    if "start" in verbs:
        assert verbs.index("lock_protocol") < verbs.index("start")


def _told_whole(pilot: Pilot, steps: Sequence[PilotStep], audits: int) -> None:
    """Each step begins where the one before ended; the last one ends where the pilot stands; and
    the audit trail has them all."""
    state = None
    for step in steps:
        assert step.from_state == state, f"{step.verb} begins at {step.from_state}, not {state}"
        state = step.to_state
    assert state == pilot.state
    assert audits == len(steps)


async def _audits(session: AsyncSession, pilot: Pilot) -> int:
    found = await session.scalar(
        select(func.count())
        .select_from(AuditEntry)
        .where(
            AuditEntry.object_type == "pilot",
            AuditEntry.object_id == pilot.id,
            AuditEntry.action.like("pilot:%"),
        )
    )
    return int(found or 0)


async def _somebodys_turn(session: AsyncSession, pilot: Pilot) -> None:
    turns = await session.scalar(
        select(func.count()).select_from(PilotTurn).where(PilotTurn.pilot_id == pilot.id)
    )
    if pilot.state in NEVER_RAN | {S.PUBLISHED}:
        assert not turns, f"somebody is waited for in {pilot.state}"
    elif pilot.state is not S.DECIDED:
        assert turns, f"nobody is waited for in {pilot.state}"


def _lapsed_after_warning(steps: Sequence[PilotStep]) -> None:
    verbs = [step.verb for step in steps]
    if "lapse" in verbs:
        assert verbs[-1] == "lapse", "something was done with a lapsed pilot"
        assert {"remind", "remind_again"} <= set(verbs[-4:]), "lapsed without a warning"


async def _only_the_ready_go_along(session: AsyncSession, pilot: Pilot) -> None:
    """From the lock on, every force that takes part has approved and signed for itself."""
    if pilot.state in BEFORE_LOCK:
        return
    along = select(PilotForce).where(PilotForce.pilot_id == pilot.id, PilotForce.left_at.is_(None))
    for force in await session.scalars(along):
        assert force.approved_at, "a force takes part that did not approve"
        assert force.assured_at, "a force takes part that did not sign"
