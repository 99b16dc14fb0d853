"""Members who leave a round, are recused from it or from a candidate, or are replaced."""

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied, NotFound
from innohub.identity.actor import Actor
from innohub.identity.viewer import Viewer
from innohub.market.board import policy
from innohub.market.board.loading import PLANNERS, must_be, the_round
from innohub.market.board.models import (
    STAND_DOWN,
    Interest,
    InterestAction,
    Round,
    RoundItem,
    RoundState,
)
from innohub.market.board.seats.commands import RecuseMember, ReplaceMember
from innohub.market.board.seats.standing_down import end_seat, seat_of, take_out, take_seat
from innohub.outbox.service import record

UNDECIDED = {
    RoundState.PLANNED, RoundState.OPEN, RoundState.DECLARATIONS, RoundState.SCORING,
    RoundState.MODERATION,
}  # fmt: skip
"""Until the ranking, the panel can change."""
JUDGING = {RoundState.DECLARATIONS, RoundState.SCORING, RoundState.MODERATION}
"""Interests are declared and settled; an upheld review leads back here."""


async def replace_member(work: UnitOfWork, actor: Actor, command: ReplaceMember) -> Round:
    """A member leaves the round; the secretary or the chair records it, and who takes the seat.

    Raises NotFound, Denied, WrongState after the ranking, Conflict on a stale revision, Invalid for
    somebody who does not sit on the round, or a replacement who cannot.
    """
    round = await the_round(work, actor, command, *PLANNERS)
    must_be(round, UNDECIDED, "replace a member")
    seat = await seat_of(work, round, command.member_id)
    await end_seat(work, round, seat, command.reason, recused=False)
    taken = []
    if command.replacement_id is not None:
        await take_seat(work, round, seat, command.replacement_id)
        taken = await take_out(work, round, seat.person_id)
    detail = {"round_id": round.id, "taken_out": taken}
    await record(work, "round_member:leave", seat, detail=detail, reason=command.reason)
    return round


async def recuse_member(work: UnitOfWork, actor: Actor, command: RecuseMember) -> Round:
    """Recuse a member who did not declare an interest as what it is; the secretary or the chair
    does, also after a review was upheld. What the member scored there is taken out.

    Raises NotFound, also to whoever is recused from the item themselves, Denied, also of oneself,
    WrongState outside of declarations, scoring and moderation, Conflict on a stale revision,
    Invalid for somebody who does not sit on the round, or a replacement who cannot.
    """
    round = await the_round(work, actor, command, *PLANNERS)
    must_be(round, JUDGING, "recuse a member")
    if command.member_id == actor.person_id:
        raise Denied("Nobody settles an interest of their own: declare it.")
    seat = await seat_of(work, round, command.member_id)
    if command.item_id is None:
        await end_seat(work, round, seat, command.detail, recused=True)
        if command.replacement_id is not None:
            await take_seat(work, round, seat, command.replacement_id)
    else:
        await _recuse_from(work, actor, round, command, command.item_id)
    taken = await take_out(work, round, seat.person_id, command.item_id)
    detail = {
        "round_id": round.id, "item_id": command.item_id, "kind": command.kind,
        "conflict_interest": command.conflict_interest, "taken_out": taken,
    }  # fmt: skip
    await record(work, "round_member:recuse", seat, detail=detail, reason=command.detail)
    return round


async def follow(
    work: UnitOfWork, round: Round, interest: Interest, replacement_id: int | None
) -> None:
    """What a settled interest brings about: a recusal takes out what the member scored, and one
    from the round ends the seat."""
    if interest.action is InterestAction.RECUSE_ITEM:
        taken = await take_out(work, round, interest.person_id, interest.item_id)
        if taken:
            await record(work, "interest:take_out", interest, detail={"taken_out": taken})
    elif interest.action in STAND_DOWN:
        seat = await seat_of(work, round, interest.person_id)
        because = interest.detail or "A conflict of interest."
        await end_seat(work, round, seat, because, recused=True)
        if replacement_id is not None:
            await take_seat(work, round, seat, replacement_id)
        taken = await take_out(work, round, seat.person_id)
        detail = {"round_id": round.id, "taken_out": taken}
        await record(work, "round_member:recuse", seat, detail=detail, reason=because)


async def _recuse_from(
    work: UnitOfWork, actor: Actor, round: Round, command: RecuseMember, item_id: int
) -> None:
    seen = select(RoundItem.id).where(
        RoundItem.id == item_id,
        RoundItem.round_id == round.id,
        policy.item_visible(RoundItem, Viewer(actor)),
    )
    if await work.session.scalar(seen) is None:
        raise NotFound("This item does not exist.")
    interest = await work.session.scalar(
        select(Interest).where(Interest.item_id == item_id, Interest.person_id == command.member_id)
    )
    if interest is None:
        interest = Interest(item_id=item_id, person_id=command.member_id, created_at=work.now)
        work.session.add(interest)
    interest.kind, interest.conflict_interest = command.kind, command.conflict_interest
    interest.detail, interest.action = command.detail, InterestAction.RECUSE_ITEM
