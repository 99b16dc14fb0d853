"""A decision is challenged in its standstill; somebody independent decides the challenge."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Denied, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import Membership
from innohub.identity.permissions import Permission
from innohub.identity.step_up import require_recent_proof
from innohub.identity.viewer import Viewer
from innohub.market.board import policy
from innohub.market.board.events import ReviewRequested
from innohub.market.board.loading import items_of, must_be
from innohub.market.board.models import ROUND, RankVariation, Round, RoundItem, RoundState
from innohub.market.board.publishing import is_over, publish
from innohub.market.board.ranking import evidence_cap
from innohub.market.board.reviews.commands import DecideReview, RequestReview
from innohub.market.board.reviews.models import UPHELD, BoardReview, ReviewGround, ReviewOutcome
from innohub.market.board.reviews.parties import parties, tell_of_review
from innohub.market.board.seats.models import RoundMember
from innohub.market.catalogue.models import Technology
from innohub.market.working_days import in_words, london_date
from innohub.outbox.service import record

CHALLENGED_IN = {RoundState.STANDSTILL, RoundState.UNDER_REVIEW, RoundState.FINAL}
"""In the last of them too late, which is then on record."""


async def request_review(work: UnitOfWork, actor: Actor, command: RequestReview) -> BoardReview:
    """Challenge the decision on an item; its supplier's administrator does, or the innovation lead
    or senior responsible owner of a force that piloted it. After the last day of the standstill the
    request is kept as out of time, and changes nothing else.

    Raises NotFound, also to whoever is recused from the item, NotSignedIn, Denied to others,
    WrongState before the standstill, Conflict where the organisation's request waits already.
    """
    item, round = await _item(work, actor, command.item_id)
    organisation_id = await _asking(work, actor, item, command.organisation_id)
    must_be(round, CHALLENGED_IN, "ask for a review")
    assert round.standstill_until is not None
    await _not_asked_yet(work, item, organisation_id)
    late = round.state is RoundState.FINAL or is_over(round, london_date(work.now))
    review = BoardReview(organisation_id=organisation_id, created_at=work.now)
    review.item_id, review.ground, review.statement = item.id, command.ground, command.statement
    review.window_until = round.standstill_until
    if late:
        review.outcome, review.decided_at = ReviewOutcome.OUT_OF_TIME, work.now
        review.outcome_reason = f"The standstill ended on {in_words(round.standstill_until)}."
    else:
        round.state = ROUND.after("request_review", round.state)
    work.session.add(review)
    detail = {"item_id": item.id, "ground": command.ground, "out_of_time": late}
    event = None if late else await _requested(work, round, item, command)
    await record(work, "review:request", review, detail=detail, event=event)
    if not late:
        await tell_of_review(work, round, item, f"review:{review.id}")
    return review


async def decide_review(work: UnitOfWork, actor: Actor, command: DecideReview) -> BoardReview:
    """Decide a review; an independent adviser does who neither sits on the round nor works for a
    party. Upheld, the round goes back to its moderation; when none is upheld and the standstill is
    over, the decisions are published.

    Raises NotFound, NotSignedIn, Denied, StepUpRequired, WrongState where the review is decided
    already.
    """
    actor.require(Permission.REVIEW_DECIDE)
    review, item, round = await _review(work, actor, command.review_id)
    await _independent(work, actor, review, item, round)
    require_recent_proof(actor, work.now)
    must_be(round, {RoundState.UNDER_REVIEW}, "decide a review")
    if review.outcome is not None:
        raise WrongState("This review is decided already.")
    review.outcome, review.outcome_reason = command.outcome, command.reason
    review.decided_at, review.decided_by_id = work.now, actor.person_id
    if command.outcome in UPHELD and review.ground is ReviewGround.NEW_EVIDENCE:
        technology = await work.session.get_one(Technology, item.technology_id)
        item.evidence_cap = evidence_cap(technology.best_grade)
    detail = {"item_id": item.id, "outcome": command.outcome}
    await record(work, "review:decide", review, detail=detail, reason=command.reason)
    await _go_on(work, round)
    await tell_of_review(work, round, item, f"review:{review.id}:decided")
    return review


async def _go_on(work: UnitOfWork, round: Round) -> None:
    """Once no review waits: back to the moderation, or to the end of the standstill."""
    outcomes = await _outcomes(work, round)
    if None in outcomes:
        return
    if any(outcome in UPHELD for outcome in outcomes):
        round.state = ROUND.after("uphold", round.state)
        await _take_back(work, round)
    elif is_over(round, london_date(work.now)):
        round.state = ROUND.after("finish", round.state)
        await publish(work, round)


async def _take_back(work: UnitOfWork, round: Round) -> None:
    """The decisions were provisional: they stay in the audit trail, and are made anew."""
    items = await items_of(work, round)
    before = [
        {"item_id": one.id, "rank": one.rank, "decision": one.decision, "why": one.decision_reason}
        for one in items
    ]
    for one in items:
        one.rank = one.tie = one.lot = one.decision = None
        one.decision_reason = one.decline_reason = None
    ids = [one.id for one in items]
    await work.session.execute(delete(RankVariation).where(RankVariation.item_id.in_(ids)))
    round.standstill_until = round.lot_seed = None
    await record(work, "round:uphold", round, detail={"taken_back": before})


async def _outcomes(work: UnitOfWork, round: Round) -> Sequence[ReviewOutcome | None]:
    """Of the reviews that were asked for in this standstill."""
    await work.session.flush()
    return (
        await work.session.scalars(
            select(BoardReview.outcome)
            .join(RoundItem, RoundItem.id == BoardReview.item_id)
            .where(
                RoundItem.round_id == round.id, BoardReview.window_until == round.standstill_until
            )
        )
    ).all()


async def _item(work: UnitOfWork, actor: Actor, id: int) -> tuple[RoundItem, Round]:
    found = await work.session.execute(
        select(RoundItem, Round)
        .join(Round, Round.id == RoundItem.round_id)
        .where(RoundItem.id == id, policy.item_visible(RoundItem, Viewer(actor)))
        .with_for_update(of=Round)
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound("This item does not exist.")
    return row[0], row[1]


async def _review(work: UnitOfWork, actor: Actor, id: int) -> tuple[BoardReview, RoundItem, Round]:
    found = await work.session.execute(
        select(BoardReview, RoundItem, Round)
        .join(RoundItem, RoundItem.id == BoardReview.item_id)
        .join(Round, Round.id == RoundItem.round_id)
        .where(BoardReview.id == id, policy.review_visible(BoardReview, Viewer(actor)))
        .with_for_update(of=Round)
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound("This review does not exist.")
    await work.session.refresh(row[0])
    return row[0], row[1], row[2]


async def _asking(work: UnitOfWork, actor: Actor, item: RoundItem, given: int | None) -> int:
    """The organisation for which the actor asks. Raises NotSignedIn or Denied."""
    actor.require(Permission.REVIEW_REQUEST)
    own = set(actor.with_permission(Permission.REVIEW_REQUEST)) & await parties(work, item)
    if given is not None:
        own &= {given}
    if not own:
        raise Denied("Only the supplier, and the forces that piloted it, can ask for a review.")
    return min(own)


async def _not_asked_yet(work: UnitOfWork, item: RoundItem, organisation_id: int) -> None:
    waiting = await work.session.scalar(
        select(BoardReview.id)
        .where(
            BoardReview.item_id == item.id,
            BoardReview.organisation_id == organisation_id,
            BoardReview.outcome.is_(None) | (BoardReview.outcome == ReviewOutcome.OUT_OF_TIME),
        )
        .limit(1)
    )
    if waiting is not None:
        raise Conflict("Your organisation has asked for a review of this decision already.")


async def _independent(
    work: UnitOfWork, actor: Actor, review: BoardReview, item: RoundItem, round: Round
) -> None:
    sat = select(RoundMember.id).where(
        RoundMember.round_id == round.id, RoundMember.person_id == actor.person_id
    )
    if await work.session.scalar(sat) is not None:
        message = "Whoever sits on a round, or sat on it, does not review it."
        raise Denied(message, rule="independent_reviewer")
    concerned = await parties(work, item) | {review.organisation_id}
    employed = await work.session.scalar(
        select(Membership.id)
        .where(Membership.person_id == actor.person_id, Membership.organisation_id.in_(concerned))
        .limit(1)
    )
    if employed is not None:
        raise Denied("You work for one of the parties.", rule="independent_reviewer")


async def _requested(
    work: UnitOfWork, round: Round, item: RoundItem, command: RequestReview
) -> ReviewRequested:
    technology = await work.session.get_one(Technology, item.technology_id)
    return ReviewRequested(
        stream=f"technology/{technology.id}",
        supplier_id=technology.supplier_id,
        round_id=round.id,
        round_title=round.title,
        technology_id=technology.id,
        technology_slug=technology.slug,
        technology_name=technology.name,
        ground=command.ground,
    )
