"""A round before its scoring: planned, opened, its entries closed; or cancelled."""

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation, OrganisationKind
from innohub.identity.permissions import Permission
from innohub.market.board.commands import CancelRound, CloseEntries, OpenRound, PlanRound
from innohub.market.board.entries import pin
from innohub.market.board.events import RoundOpened
from innohub.market.board.gating import checking as gates
from innohub.market.board.gating.models import GateStage
from innohub.market.board.loading import (
    PLANNERS,
    items_of,
    listings_of,
    require_any,
    the_round,
    weights_of,
)
from innohub.market.board.models import ROUND, Round, RoundCriterion, RoundState
from innohub.market.board.seats.models import RoundMember
from innohub.market.board.seats.standing_down import must_score_for
from innohub.market.reference_lists import chosen_from, in_force
from innohub.outbox.service import record

LIST = "board_criterion"


async def plan_round(work: UnitOfWork, actor: Actor, command: PlanRound) -> Round:
    """Prepare a round with its rules and members; the board's secretary or chair does.

    Raises Denied, NotFound for an unknown board, Invalid for an unknown criterion, a member who
    does not score for this board, or a demonstration of a board that is none.
    """
    board = await _board(work, actor, command.board_id)
    if command.demonstration and not board.demonstration:
        raise Invalid("Only a board made for demonstrations may hold one.", field="demonstration")
    weights = await _weights(work, command)
    await must_score_for(work, board.id, command.members, "members")
    rules = command.model_dump(exclude={"board_id", "criteria", "members"})
    round = Round(board_id=board.id, state=RoundState.PLANNED, created_at=work.now, **rules)
    work.session.add(round)
    await work.session.flush()
    for criterion, weight in weights.items():
        row = RoundCriterion(criterion=criterion, weight=weight, round_id=round.id)
        row.created_at = work.now
        work.session.add(row)
    for person_id in command.members:
        seat = RoundMember(round_id=round.id, person_id=person_id, created_at=work.now)
        work.session.add(seat)
    detail = rules | {"weights": weights, "members": len(command.members)}
    await record(work, "round:plan", round, detail=detail)
    return round


async def open_round(work: UnitOfWork, actor: Actor, command: OpenRound) -> Round:
    """Open a round for entries and lock its rules; the chair does.

    Raises NotFound, Denied without `round:chair`, WrongState, Conflict on a stale revision.
    """
    round = await the_round(work, actor, command, Permission.ROUND_CHAIR)
    round.state = ROUND.after("open", round.state)
    round.opened_at = work.now
    weights = await weights_of(work, round)
    opened = RoundOpened(
        stream=f"round/{round.id}",
        round_id=round.id,
        title=round.title,
        places=round.places,
        weights=weights,
    )
    await record(work, "round:open", round, detail={"weights": weights}, event=opened)
    return round


async def close_entries(work: UnitOfWork, actor: Actor, command: CloseEntries) -> Round:
    """Freeze the candidates with the versions and the evidence they have now, and look at the gates
    for the first time; the secretary does.

    Raises NotFound, Denied without `round:run`, WrongState, also where there is no candidate or
    one is off the market, Conflict on a stale revision.
    """
    round = await the_round(work, actor, command, Permission.ROUND_RUN)
    round.state = ROUND.after("close_entries", round.state)
    items = await items_of(work, round)
    if not items:
        raise WrongState("This round has no candidates yet.")
    technologies = await listings_of(work, round)
    for item in items:
        pin(item, technologies[item.id])
    await work.session.flush()
    found = await gates.check(work, items, technologies)
    await gates.keep(work, found, GateStage.ENTRY)
    failing = {str(id): gates.failed(one) for id, one in found.items() if gates.failed(one)}
    detail = {"items": len(items), "failed_gates": failing}
    await record(work, "round:close_entries", round, detail=detail)
    return round


async def cancel(work: UnitOfWork, actor: Actor, command: CancelRound) -> Round:
    """End a round without a decision, with a reason that is public; the chair does.

    Raises NotFound, Denied without `round:chair`, WrongState, Conflict on a stale revision.
    """
    round = await the_round(work, actor, command, Permission.ROUND_CHAIR)
    round.state = ROUND.after("cancel", round.state)
    round.cancelled_because = command.reason
    await record(work, "round:cancel", round, reason=command.reason)
    return round


async def _board(work: UnitOfWork, actor: Actor, given: int | None) -> Organisation:
    held = {id for permission in PLANNERS for id in actor.with_permission(permission)}
    board_id = given or (held.pop() if len(held) == 1 else actor.only_organisation(PLANNERS[0]))
    board = await work.session.scalar(
        select(Organisation).where(
            Organisation.id == board_id, Organisation.kind == OrganisationKind.BOARD
        )
    )
    if board is None:
        raise NotFound("This board does not exist.")
    require_any(actor, board.id, *PLANNERS)
    return board


async def _weights(work: UnitOfWork, command: PlanRound) -> dict[str, int]:
    if command.criteria is None:
        listed = await in_force(work, LIST)
        return {value.id: int(value.detail["weight"]) for value in listed}
    given = {one.criterion: one.weight for one in command.criteria}
    await chosen_from(work, LIST, given, field="criteria")
    return given
