"""A seat ends, or is taken: what the rest of the round sees of it."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid
from innohub.identity.models import Membership
from innohub.identity.permissions import OF_ROLE, Permission
from innohub.market.board.loading import items_of
from innohub.market.board.models import Round, RoundState, Score
from innohub.market.board.moderation.models import ModerationApproval, ModerationRecord
from innohub.market.board.seats.models import RoundMember
from innohub.market.board.tallying import tally
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify_person
from innohub.outbox.service import record

BEFORE_THE_SCORES = {
    RoundState.PLANNED, RoundState.OPEN, RoundState.DECLARATIONS, RoundState.SCORING
}  # fmt: skip


async def seat_of(work: UnitOfWork, round: Round, person_id: int) -> RoundMember:
    """The seat of somebody who sits on the round now. Raises Invalid for anybody else."""
    seat = await work.session.scalar(
        select(RoundMember).where(
            RoundMember.round_id == round.id,
            RoundMember.person_id == person_id,
            RoundMember.left_at.is_(None),
        )
    )
    if seat is None:
        raise Invalid("This person does not sit on this round.", field="member_id")
    return seat


async def must_score_for(
    work: UnitOfWork, board_id: int, people: Collection[int], field: str, *permissions: Permission
) -> None:
    """Raise Invalid, naming `field`, for somebody who does not score for the board, and for anybody
    who holds one of `permissions` there."""
    scoring = [role for role, held in OF_ROLE.items() if Permission.ROUND_SCORE in held]
    beside = [role for role, held in OF_ROLE.items() if held & set(permissions)]
    seats = await work.session.execute(
        select(Membership.person_id, Membership.role).where(
            Membership.organisation_id == board_id, Membership.person_id.in_(people)
        )
    )
    roles = [(person_id, role) for person_id, role in seats]
    if set(people) - {person_id for person_id, role in roles if role in scoring}:
        raise Invalid("Every member must be a chair or member of this board.", field=field)
    if any(role in beside for _, role in roles):
        raise Invalid(
            "Whoever runs the round has read its scores, and cannot score it blind any more.",
            field=field,
            rule="scores_hidden_until_own_submitted",
        )


async def end_seat(
    work: UnitOfWork, round: Round, seat: RoundMember, because: str, *, recused: bool
) -> None:
    """End a seat; recused, its person sees no candidate of the round from now on."""
    seat.left_at, seat.left_because, seat.recused = work.now, because, recused
    if recused:
        text = f"You are recused from “{round.title}”, and no longer see its candidates."
    else:
        text = f"You no longer sit on “{round.title}”."
    await _tell(work, round, seat.person_id, text, "left")


async def take_seat(
    work: UnitOfWork, round: Round, left: RoundMember, person_id: int
) -> RoundMember:
    """Seat somebody in the place of a seat that has ended.

    Raises Invalid where they do not score for the board, sit or sat on the round, or, once the
    scores are revealed, have read them because they run it.
    """
    late = round.state not in BEFORE_THE_SCORES
    has_read = (Permission.ROUND_CHAIR, Permission.ROUND_RUN) if late else ()
    await must_score_for(work, round.board_id, [person_id], "replacement_id", *has_read)
    before = select(RoundMember.id).where(
        RoundMember.round_id == round.id, RoundMember.person_id == person_id
    )
    if await work.session.scalar(before) is not None:
        raise Invalid("This person sits on the round, or sat on it.", field="replacement_id")
    seat = RoundMember(round_id=round.id, person_id=person_id, created_at=work.now)
    seat.in_place_of_id, seat.seated_late = left.id, late
    work.session.add(seat)
    detail = {"round_id": round.id, "in_place_of": left.person_id, "late": late}
    await record(work, "round_member:join", seat, detail=detail)
    text = (
        f"You sit on “{round.title}” in the place of a member who left. Declare your interest in "
        "each candidate; then score it."
    )
    await _tell(work, round, person_id, text, "joined")
    return seat


async def take_out(
    work: UnitOfWork, round: Round, person_id: int, item_id: int | None = None
) -> list[dict[str, Any]]:
    """Take out what a member scored and approved, of one item or of all; what was scored, for the
    audit trail. Once the scores are revealed, the totals and spreads are reckoned anew."""
    ids = [item.id for item in await items_of(work, round) if item_id in (None, item.id)]
    theirs = [Score.person_id == person_id, Score.item_id.in_(ids)]
    scores = await work.session.scalars(select(Score).where(*theirs).order_by(Score.id))
    taken = [
        {"item_id": s.item_id, "criterion": s.criterion, "value": s.value, "reason": s.reason}
        for s in scores
    ]
    await work.session.execute(delete(Score).where(*theirs))
    records = select(ModerationRecord.id).where(ModerationRecord.item_id.in_(ids))
    await work.session.execute(
        delete(ModerationApproval).where(
            ModerationApproval.person_id == person_id, ModerationApproval.record_id.in_(records)
        )
    )
    if round.state is RoundState.MODERATION:
        await tally(work, round)
    return taken


async def _tell(work: UnitOfWork, round: Round, person_id: int, text: str, what: str) -> None:
    await notify_person(
        work,
        person_id=person_id,
        kind=NoticeKind.BOARD,
        text=text,
        path=f"/rounds/{round.id}",
        key=f"round:{round.id}:{what}",
    )
