"""Rounds and what belongs to them, as the actor may see it, locked for a change."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, NotFound, WrongState
from innohub.identity.actor import Actor, ActorKind
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.board import policy
from innohub.market.board.commands import ChangeRound
from innohub.market.board.models import (
    Round,
    RoundCriterion,
    RoundItem,
    RoundState,
    Score,
)
from innohub.market.board.moderation.models import ModerationRecord
from innohub.market.board.ranking import Candidate
from innohub.market.board.seats.models import RoundMember
from innohub.market.catalogue.models import Technology

PLANNERS = (Permission.ROUND_RUN, Permission.ROUND_CHAIR)
"""Secretary or chair: either may prepare a round."""


async def the_round(
    work: UnitOfWork, actor: Actor, command: ChangeRound, *permissions: Permission
) -> Round:
    """The round, locked, for somebody who holds one of `permissions` at its board.

    Raises NotFound where it is invisible, Denied, Conflict on a stale revision.
    """
    round = await _locked(work, command.round_id, policy.visible(Round, Viewer(actor)))
    require_any(actor, round.board_id, *permissions)
    if command.revision is not None and command.revision != round.revision:
        raise Conflict("Somebody else changed this round since you opened it. Load it again.")
    return round


async def due_round(work: UnitOfWork, actor: Actor, command: ChangeRound) -> Round:
    """The round, locked, for a step that its secretary takes, or the hub itself once it is due."""
    if actor.kind is ActorKind.SYSTEM:
        return await _locked(work, command.round_id, Round.id == command.round_id)
    return await the_round(work, actor, command, Permission.ROUND_RUN)


async def the_item(work: UnitOfWork, actor: Actor, id: int) -> tuple[RoundItem, Round]:
    """The item and its round, which cannot change state before the unit of work ends.

    Several members may hold a round so at once. Raises NotFound, also for a recused member.
    """
    found = await work.session.execute(
        select(RoundItem, Round)
        .join(Round, Round.id == RoundItem.round_id)
        .where(RoundItem.id == id, policy.item_visible(RoundItem, Viewer(actor)))
        .with_for_update(read=True, of=Round)
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound("This item does not exist.")
    return row


def require_any(actor: Actor, board_id: int, *permissions: Permission) -> None:
    """Raise NotSignedIn or Denied for somebody with none of `permissions` at the board."""
    if not any(actor.may(permission, board_id) for permission in permissions):
        actor.require(permissions[0], board_id)


def must_be(round: Round, states: set[RoundState], to: str, *, rule: str | None = None) -> None:
    """Raise WrongState where the round is in none of `states`, in which one may `to`."""
    if round.state not in states:
        allowed = " or ".join(sorted(str(state) for state in states))
        now = round.state.replace("_", " ")
        raise WrongState(f"This round is {now}. To {to} it must be {allowed}.", rule=rule)


async def weights_of(work: UnitOfWork, round: Round) -> dict[str, int]:
    """The round's criteria with their weights."""
    rows = await work.session.scalars(
        select(RoundCriterion)
        .where(RoundCriterion.round_id == round.id)
        .order_by(RoundCriterion.weight.desc(), RoundCriterion.criterion)
    )
    return {row.criterion: row.weight for row in rows}


async def members_of(work: UnitOfWork, round: Round) -> set[int]:
    """Ids of the people who sit on the round now."""
    seats = select(RoundMember.person_id).where(
        RoundMember.round_id == round.id, RoundMember.left_at.is_(None)
    )
    return set(await work.session.scalars(seats))


async def items_of(work: UnitOfWork, round: Round) -> Sequence[RoundItem]:
    """All items of the round, in the order they came in."""
    mine = select(RoundItem).where(RoundItem.round_id == round.id).order_by(RoundItem.id)
    return (await work.session.scalars(mine)).all()


async def scores_of(work: UnitOfWork, round: Round) -> Sequence[Score]:
    """All scores of the round, in the order they came in."""
    return (
        await work.session.scalars(
            select(Score)
            .join(RoundItem, RoundItem.id == Score.item_id)
            .where(RoundItem.round_id == round.id)
            .order_by(Score.id)
        )
    ).all()


def candidates_of(
    scores: Sequence[Score],
    agreed: Mapping[tuple[int, str], int] | None = None,
    costs: Mapping[int, int | None] | None = None,
) -> list[Candidate]:
    """The scores by item and criterion, without their authors; of a moderated criterion the one
    score that the panel agreed on, from `agreed`; `costs` by item."""
    board: dict[int, dict[str, list[int]]] = {}
    for score in scores:
        board.setdefault(score.item_id, {}).setdefault(score.criterion, []).append(score.value)
    for (item_id, criterion), value in (agreed or {}).items():
        if item_id in board:
            board[item_id][criterion] = [value]
    known = costs or {}
    return [Candidate(id, by_criterion, known.get(id)) for id, by_criterion in board.items()]


async def agreed_in(work: UnitOfWork, round: Round) -> dict[tuple[int, str], int]:
    """The scores that the panel agreed on, by item and criterion."""
    rows = await work.session.execute(
        select(ModerationRecord.item_id, ModerationRecord.criterion, ModerationRecord.score_after)
        .join(RoundItem, RoundItem.id == ModerationRecord.item_id)
        .where(RoundItem.round_id == round.id)
    )
    return {(item_id, criterion): score for item_id, criterion, score in rows}


async def listings_of(work: UnitOfWork, round: Round) -> dict[int, Technology]:
    """The technologies of the round, as they stand now, by their items' ids."""
    found = await work.session.execute(
        select(RoundItem.id, Technology)
        .join(Technology, Technology.id == RoundItem.technology_id)
        .where(RoundItem.round_id == round.id)
    )
    return dict(found.all())


async def _locked(work: UnitOfWork, id: int, seen: ColumnElement[bool]) -> Round:
    round = await work.session.scalar(select(Round).where(Round.id == id, seen).with_for_update())
    if round is None:
        raise NotFound("This round does not exist.")
    return round
