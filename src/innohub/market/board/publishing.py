"""The standstill after a ranking, and the published decision record."""

from datetime import date

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.board.commands import FinishRound, StartStandstill
from innohub.market.board.events import RoundDecided
from innohub.market.board.loading import due_round, the_round
from innohub.market.board.models import ROUND, Round, RoundItem
from innohub.market.catalogue.models import ListingVersion, Technology
from innohub.market.working_days import add_working_days, london_date
from innohub.outbox.service import record


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
    return round


async def finish(work: UnitOfWork, actor: Actor, command: FinishRound) -> Round:
    """Publish the decision record after the standstill; the secretary or the hub does.

    Besides the round's audit entry each item gets its own, with the event for its supplier.
    Raises NotFound, Denied without `round:run`, WrongState, also while the standstill lasts,
    Conflict on a stale revision.
    """
    round = await due_round(work, actor, command)
    round.state = ROUND.after("finish", round.state)
    _must_be_over(round, london_date(work.now))
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
    return round


def _must_be_over(round: Round, today: date) -> None:
    until = round.standstill_until
    if round.standstill_days and until is not None and today <= until:
        raise WrongState(f"The standstill lasts until the end of {until:%d %B %Y}.")


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
