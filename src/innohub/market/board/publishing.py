"""The standstill after a ranking, and the published decision record."""

from datetime import date

import structlog
from sqlalchemy import select

from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.errors import InnoHubError, WrongState
from innohub.identity.actor import SYSTEM, Actor
from innohub.identity.permissions import Permission
from innohub.market.board.commands import FinishRound, StartStandstill
from innohub.market.board.events import RoundDecided
from innohub.market.board.loading import due_round, items_of, the_round
from innohub.market.board.models import ROUND, Round, RoundItem, RoundState
from innohub.market.board.reviews.models import BoardReview
from innohub.market.board.reviews.parties import tell_of_assessment
from innohub.market.catalogue.models import ListingVersion, Technology
from innohub.market.working_days import add_working_days, london_date
from innohub.outbox.service import record

log = structlog.get_logger()


async def start_standstill(work: UnitOfWork, actor: Actor, command: StartStandstill) -> Round:
    """Begin the working days in which the decisions can be challenged; the secretary does.

    They are counted from the day after, so never shorter than the Procurement Act's, which
    begin with the day of the notice. Raises NotFound, Denied without `round:run`, WrongState,
    Conflict on a stale revision.
    """
    round = await the_round(work, actor, command, Permission.ROUND_RUN)
    round.state = ROUND.after("start_standstill", round.state)
    today = london_date(work.now)
    round.standstill_until = add_working_days(today, round.standstill_days)
    until = {"until": round.standstill_until}
    await record(work, "round:start_standstill", round, detail=until)
    for item in await items_of(work, round):
        await tell_of_assessment(work, round, item)
    return round


async def finish(work: UnitOfWork, actor: Actor, command: FinishRound) -> Round:
    """Publish the decision record after the standstill; the secretary or the hub does.

    Besides the round's audit entry each item gets its own, with the event for its supplier.
    Raises NotFound, Denied without `round:run`, WrongState, also while the standstill lasts,
    Conflict on a stale revision.
    """
    round = await due_round(work, actor, command)
    round.state = ROUND.after("finish", round.state)
    await _must_be_over(work, round)
    await publish(work, round)
    return round


async def publish(work: UnitOfWork, round: Round) -> None:
    """The decision record of a round that has just become final."""
    round.published_at = work.now
    await record(work, "round:finish", round)
    for item, technology, version in await _published(work, round):
        await record(
            work,
            "round_item:decide",
            item,
            detail={"decision": item.decision, "rank": item.rank},
            reason=item.decision_reason,
            event=_decided(round, item, technology, version),
        )


async def finish_due(database: Database) -> int:
    """Publish every round whose standstill is over and that no review holds up; how many there
    were. Each in a unit of work of its own."""
    today = london_date(database.clock())
    due = (
        select(Round.id)
        .where(
            Round.state.in_([RoundState.STANDSTILL, RoundState.UNDER_REVIEW]),
            Round.standstill_until < today,
        )
        .order_by(Round.id)
    )
    async with database.session() as session:
        ids = (await session.scalars(due)).all()
    for id in ids:
        try:
            async with database.unit_of_work(SYSTEM.signature()) as work:
                await finish(work, SYSTEM, FinishRound(round_id=id))
        except InnoHubError as error:
            log.info("round_not_finished", round_id=id, why=error.message)
    return len(ids)


def is_over(round: Round, today: date) -> bool:
    """Whether the last day of the standstill has passed."""
    return round.standstill_until is not None and today > round.standstill_until


async def _must_be_over(work: UnitOfWork, round: Round) -> None:
    if round.standstill_days and not is_over(round, london_date(work.now)):
        until = f"{round.standstill_until:%d %B %Y}"
        raise WrongState(f"The standstill lasts until the end of {until}.", rule="standstill_days")
    waiting = await work.session.scalar(
        select(BoardReview.id)
        .join(RoundItem, RoundItem.id == BoardReview.item_id)
        .where(RoundItem.round_id == round.id, BoardReview.outcome.is_(None))
        .limit(1)
    )
    if waiting is not None:
        raise WrongState("A review of a decision is not decided yet.", rule="no_review_waiting")


async def _published(
    work: UnitOfWork, round: Round
) -> list[tuple[RoundItem, Technology, ListingVersion]]:
    # By technology: every unit of work locks event streams in one order.
    found = await work.session.execute(
        select(RoundItem, Technology, ListingVersion)
        .join(Technology, Technology.id == RoundItem.technology_id)
        .join(ListingVersion, ListingVersion.id == RoundItem.listing_version_id)
        .where(RoundItem.round_id == round.id)
        .order_by(Technology.id)
    )
    return list(found)


def _decided(
    round: Round, item: RoundItem, technology: Technology, version: ListingVersion
) -> RoundDecided:
    return RoundDecided(
        stream=f"technology/{technology.id}",
        supplier_id=technology.supplier_id,
        round_id=round.id,
        round_title=round.title,
        technology_id=technology.id,
        technology_slug=technology.slug,
        technology_name=technology.name,
        version=version.number,
        decision=item.decision,
        reason=item.decision_reason,
        rank=item.rank,
        total=item.total,
    )
