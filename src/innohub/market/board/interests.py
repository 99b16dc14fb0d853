"""Interests: every member declares on every item, and what follows is settled before scoring."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied, Invalid, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.board import policy
from innohub.market.board.commands import DeclareInterest, ResolveInterest, StartScoring
from innohub.market.board.loading import (
    items_of,
    members_of,
    must_be,
    require_any,
    the_item,
    the_round,
)
from innohub.market.board.models import (
    RECUSING,
    ROUND,
    Interest,
    InterestAction,
    InterestKind,
    Round,
    RoundItem,
    RoundState,
)
from innohub.market.board.seats.changing import JUDGING, follow
from innohub.outbox.service import record


async def declare_interest(work: UnitOfWork, actor: Actor, command: DeclareInterest) -> Interest:
    """Declare what the actor, a member of the round, has to do with an item; again to correct it.

    Once the scoring has begun, whoever took a seat since declares, and what somebody learns of only
    then is added: until it is settled, they do not score the item. Raises NotFound, Denied to
    others, WrongState before the declarations, after the moderation, and where an interest that is
    on record would be taken back after the declarations.
    """
    item, round = await the_item(work, actor, command.item_id)
    person_id = await sitting(work, actor, round)
    must_be(round, JUDGING, "declare an interest")
    interest = await work.session.scalar(
        select(Interest)
        .where(Interest.item_id == item.id, Interest.person_id == person_id)
        .with_for_update()
    )
    nothing = command.kind == InterestKind.NONE
    if interest is None:
        interest = Interest(item_id=item.id, person_id=person_id, created_at=work.now)
        work.session.add(interest)
    elif interest.action in RECUSING:
        # A recusal that came while this waited for the round: it stands.
        raise NotFound("This item does not exist.")
    elif nothing and round.state is not RoundState.DECLARATIONS:
        raise WrongState("An interest cannot be taken back once the scoring has begun.")
    interest.kind, interest.detail = command.kind, command.detail
    interest.conflict_interest = command.conflict_interest
    interest.action = InterestAction.NONE_NEEDED if nothing else None
    detail = {"item_id": item.id, "kind": command.kind}
    await record(work, "interest:declare", interest, detail=detail)
    return interest


async def resolve_interest(work: UnitOfWork, actor: Actor, command: ResolveInterest) -> Interest:
    """Settle what follows from a declaration. The chair does, or the secretary where the chair
    cannot: nobody settles their own. From a recusal on, the member no longer sees the item, or any
    of the round, and what they scored of it is taken out.

    Raises NotFound, Denied, WrongState before the declarations, after the moderation, and where it
    was settled and the scoring has begun, Invalid where an actual conflict would not recuse or a
    replacement cannot sit.
    """
    found = await work.session.execute(
        select(Interest, Round)
        .join(RoundItem, RoundItem.id == Interest.item_id)
        .join(Round, Round.id == RoundItem.round_id)
        .where(Interest.id == command.interest_id, policy.interest_visible(Interest, Viewer(actor)))
        .with_for_update(of=Round)
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound("This declaration does not exist.")
    interest, round = row
    # The round first, then the interest: the order in which declaring locks them.
    await work.session.refresh(interest, with_for_update=True)
    require_any(actor, round.board_id, Permission.ROUND_CHAIR, Permission.ROUND_RUN)
    if interest.person_id == actor.person_id:
        raise Denied("Nobody settles an interest of their own.")
    must_be(round, JUDGING, "settle an interest")
    if round.state is not RoundState.DECLARATIONS and interest.action is not None:
        raise WrongState("This interest is settled, and the scoring has begun.")
    if interest.kind == InterestKind.ACTUAL and command.action not in RECUSING:
        raise Invalid("An actual conflict of interest must recuse the member.", field="action")
    interest.action = command.action
    detail = {"item_id": interest.item_id, "kind": interest.kind, "action": command.action}
    await record(work, "interest:resolve", interest, detail=detail)
    await follow(work, round, interest, command.replacement_id)
    return interest


async def start_scoring(work: UnitOfWork, actor: Actor, command: StartScoring) -> Round:
    """Let the scoring begin; the secretary does, once every interest is declared and settled.

    Raises NotFound, Denied without `round:run`, WrongState, also where declarations are open or
    recusals leave an item too few scorers, Conflict on a stale revision.
    """
    round = await the_round(work, actor, command, Permission.ROUND_RUN)
    round.state = ROUND.after("start_scoring", round.state)
    members, items = await members_of(work, round), await items_of(work, round)
    declared = await declared_by(work, members, items)
    _all_settled(len(members) * len(items), declared)
    _enough_scorers(round, members, items, declared)
    recused = sum(one.action == InterestAction.RECUSE_ITEM for one in declared)
    await record(work, "round:start_scoring", round, detail={"recusals": recused})
    return round


async def declared_by(
    work: UnitOfWork, members: Collection[int], items: Sequence[RoundItem]
) -> Sequence[Interest]:
    """What those who sit on the round now declared about its items."""
    found = select(Interest).where(
        Interest.item_id.in_([item.id for item in items]), Interest.person_id.in_(members)
    )
    return (await work.session.scalars(found)).all()


async def none_waits(work: UnitOfWork, round: Round) -> None:
    """Raise WrongState where a declared interest is not settled."""
    declared = await declared_by(work, await members_of(work, round), await items_of(work, round))
    if any(one.action is None for one in declared):
        raise WrongState("A declared interest is not settled yet.", rule="interests_settled")


async def sitting(work: UnitOfWork, actor: Actor, round: Round) -> int:
    """The person id of an actor who sits on the round. Raises NotSignedIn or Denied for others."""
    actor.require(Permission.ROUND_SCORE, round.board_id)
    if actor.person_id is None or actor.person_id not in await members_of(work, round):
        raise Denied("You do not sit on this round.")
    return actor.person_id


def _all_settled(expected: int, declared: Sequence[Interest]) -> None:
    missing = expected - len(declared)
    if missing:
        raise WrongState(f"{missing} declarations of interest are still missing.")
    unsettled = sum(one.action is None for one in declared)
    if unsettled:
        raise WrongState(f"{unsettled} declared interests are not settled yet.")


def _enough_scorers(
    round: Round,
    members: Collection[int],
    items: Sequence[RoundItem],
    declared: Sequence[Interest],
) -> None:
    recused = [one.item_id for one in declared if one.action == InterestAction.RECUSE_ITEM]
    left = min(len(members) - recused.count(item.id) for item in items)
    if left < round.min_scores_per_item:
        raise WrongState(
            f"After the recusals an item has {left} scorers left; it needs "
            f"{round.min_scores_per_item}."
        )
