"""Two challenges that are one: proposed, agreed by both owners, and made one by the company."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Denied, Invalid, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.challenges import alerts, policy
from innohub.market.challenges.commands import AgreeToMerger, MergeChallenges, ProposeMerger
from innohub.market.challenges.loading import held, move, row_of, sponsors_of
from innohub.market.challenges.models import (
    CHALLENGE,
    JOINING,
    Challenge,
    ChallengeFollower,
    ChallengeForce,
    ChallengeMerger,
)
from innohub.market.challenges.sponsoring import sponsor
from innohub.outbox.service import record


async def propose(work: UnitOfWork, actor: Actor, command: ProposeMerger) -> ChallengeMerger:
    """Propose to merge. An owner who proposes it agrees by that; the other owner is asked.

    Raises NotFound; Denied to others than the two owners and the programme officer; WrongState
    where either is past it; Conflict where it is proposed already, this way or the other.
    """
    one, into = await _both(work, actor, command.challenge_id, command.into_id)
    if not actor.may(Permission.CHALLENGE_MERGE) and not any(
        actor.may(Permission.CHALLENGE_POST, challenge.force_id) for challenge in (one, into)
    ):
        actor.require(Permission.CHALLENGE_MERGE)
    _still(one, into)
    pair = {one.id, into.id}
    known = await work.session.scalar(
        select(ChallengeMerger.id).where(
            ChallengeMerger.challenge_id.in_(pair), ChallengeMerger.into_id.in_(pair)
        )
    )
    if known is not None:
        raise Conflict("It is proposed already to merge these two.")
    merger = ChallengeMerger(
        challenge_id=one.id, into_id=into.id, reason=command.reason, created_at=work.now
    )
    _agree(work, actor, merger, one, into)
    work.session.add(merger)
    detail = {"challenge_id": one.id, "into_id": into.id}
    await record(work, "challenge_merger:propose", merger, detail=detail, reason=command.reason)
    await _told(work, merger, one, into)
    return merger


async def agree(work: UnitOfWork, actor: Actor, command: AgreeToMerger) -> ChallengeMerger:
    """The owner of either challenge agrees. Raises NotFound, Denied to others, WrongState, Conflict
    where they agreed already."""
    merger, one, into = await _held(work, actor, command.merger_id)
    if not any(actor.may(Permission.CHALLENGE_POST, c.force_id) for c in (one, into)):
        actor.require(Permission.CHALLENGE_POST, one.force_id)
    _still(one, into)
    if not _agree(work, actor, merger, one, into):
        raise Conflict("Your force has agreed already.")
    await record(work, "challenge_merger:agree", merger, detail={"into_id": into.id})
    await _told(work, merger, one, into)
    return merger


async def merge(work: UnitOfWork, actor: Actor, command: MergeChallenges) -> Challenge:
    """Make the two one: sponsors and followers go across, the one that ends leads to the other.
    Gives the one that goes on.

    Raises NotFound, Denied without `challenge:merge`, WrongState where either is past it, Invalid
    before both owners agreed.
    """
    merger, one, into = await _held(work, actor, command.merger_id)
    actor.require(Permission.CHALLENGE_MERGE)
    _still(one, into)
    if merger.agreed_at is None or merger.into_agreed_at is None:
        raise Invalid("Both owners must agree before the challenges are merged.")
    merger.merged_at = work.now
    one.merged_into_id, one.closed_at, one.closing_reason = into.id, work.now, merger.reason
    sponsors = await sponsors_of(work, one)
    await move(work, one, "merge", reason=merger.reason, detail={"into_id": into.id})
    await _carry_sponsors(work, one, into, sponsors)
    await _carry_followers(work, one, into)
    await alerts.merged(work, one, into, sponsors)
    return into


async def _carry_sponsors(
    work: UnitOfWork, one: Challenge, into: Challenge, sponsors: list[int]
) -> None:
    there = set(await sponsors_of(work, into))
    for force_id in sponsors:
        if force_id in there:
            continue
        before = await row_of(work, one, force_id)
        row = await row_of(work, into, force_id)
        if row is None:
            row = ChallengeForce(challenge_id=into.id, force_id=force_id, created_at=work.now)
            work.session.add(row)
        await sponsor(work, into, row, before.statement if before else None)


async def _carry_followers(work: UnitOfWork, one: Challenge, into: Challenge) -> None:
    followers = list(
        await work.session.scalars(
            select(ChallengeFollower.person_id).where(ChallengeFollower.challenge_id == one.id)
        )
    )
    if not followers:
        return
    rows = [{"challenge_id": into.id, "person_id": id, "created_at": work.now} for id in followers]
    await work.session.execute(insert(ChallengeFollower).values(rows).on_conflict_do_nothing())


def _agree(
    work: UnitOfWork, actor: Actor, merger: ChallengeMerger, one: Challenge, into: Challenge
) -> bool:
    """Note the agreement of the owners for whom the actor speaks; whether there was a new one."""
    new = False
    if merger.agreed_at is None and actor.may(Permission.CHALLENGE_POST, one.force_id):
        merger.agreed_at, new = work.now, True
    if merger.into_agreed_at is None and actor.may(Permission.CHALLENGE_POST, into.force_id):
        merger.into_agreed_at, new = work.now, True
    return new


def _still(one: Challenge, into: Challenge) -> None:
    CHALLENGE.after("merge", one.state)
    if into.state not in JOINING:
        raise WrongState(f"“{into.title}” takes no other challenge in any more.")


async def _told(work: UnitOfWork, merger: ChallengeMerger, one: Challenge, into: Challenge) -> None:
    if merger.agreed_at is None or merger.into_agreed_at is None:
        await alerts.merger_proposed(work, merger, one, into)
    else:
        await alerts.merger_agreed(work, merger, one, into)


async def _both(
    work: UnitOfWork, actor: Actor, one_id: int, into_id: int
) -> tuple[Challenge, Challenge]:
    """Both, locked in the order of their ids, so that two mergers never wait crosswise."""
    if not Viewer(actor).holds(Permission.REGISTER_READ):
        if not actor.signed_in:
            actor.require(Permission.CHALLENGE_MERGE)
        raise Denied("Forces and the company merge challenges.")
    found = {id: await held(work, actor, id) for id in sorted({one_id, into_id})}
    return found[one_id], found[into_id]


async def _held(
    work: UnitOfWork, actor: Actor, merger_id: int
) -> tuple[ChallengeMerger, Challenge, Challenge]:
    seen = policy.merger_visible(ChallengeMerger, Viewer(actor))
    query = select(ChallengeMerger).where(ChallengeMerger.id == merger_id, seen)
    merger = await work.session.scalar(query)
    if merger is None:
        raise NotFound("There is no such proposal.")
    one, into = await _both(work, actor, merger.challenge_id, merger.into_id)
    # The challenges first, then the proposal: whoever waited for them reads what is stored now.
    await work.session.refresh(merger, with_for_update=True)
    return merger, one, into
