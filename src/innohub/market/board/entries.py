"""The candidates of a round, each pinned to the version and the evidence that the board judges."""

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.viewer import Viewer
from innohub.market.board import policy
from innohub.market.board.commands import AddItem, RemoveItem
from innohub.market.board.loading import PLANNERS, must_be, the_round
from innohub.market.board.models import Round, RoundItem, RoundState
from innohub.market.board.ranking import evidence_cap
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.models import ListingState, Technology
from innohub.outbox.service import record

TAKES_ENTRIES = {RoundState.PLANNED, RoundState.OPEN}


async def add_item(work: UnitOfWork, actor: Actor, command: AddItem) -> RoundItem:
    """Enter a published technology; the board's secretary or chair does, until entries close.

    Raises NotFound for round or technology, Denied, WrongState for either, Conflict where it is
    entered already or the revision is stale.
    """
    round = await the_round(work, actor, command, *PLANNERS)
    must_be(round, TAKES_ENTRIES, "add a candidate")
    technology = await catalogue.visible_technology(work, actor, command.technology_id)
    before = select(RoundItem.id).where(
        RoundItem.round_id == round.id, RoundItem.technology_id == technology.id
    )
    if await work.session.scalar(before) is not None:
        raise Conflict("This technology is a candidate already.", field="technology_id")
    item = RoundItem(round_id=round.id, technology_id=technology.id, created_at=work.now)
    pin(item, technology)
    work.session.add(item)
    detail = {"round_id": round.id, "technology_id": technology.id}
    await record(work, "round_item:add", item, detail=detail)
    return item


async def remove_item(work: UnitOfWork, actor: Actor, command: RemoveItem) -> Round:
    """Take a candidate out again, with a reason, until entries close.

    Raises NotFound, Denied, WrongState, Conflict on a stale revision.
    """
    round = await the_round(work, actor, command, *PLANNERS)
    must_be(round, TAKES_ENTRIES, "remove a candidate")
    item = await work.session.scalar(
        select(RoundItem).where(
            RoundItem.id == command.item_id,
            RoundItem.round_id == round.id,
            policy.item_visible(RoundItem, Viewer(actor)),
        )
    )
    if item is None:
        raise NotFound("This item does not exist.")
    detail = {"round_id": round.id, "technology_id": item.technology_id}
    await record(work, "round_item:remove", item, detail=detail, reason=command.reason)
    await work.session.delete(item)
    await work.session.flush()
    return round


def pin(item: RoundItem, technology: Technology) -> None:
    """Hold the item to the technology's current version and evidence.

    Raises WrongState where it is not on the market.
    """
    if technology.state != ListingState.PUBLISHED or technology.current_version_id is None:
        raise WrongState(f"{technology.name} is {technology.state}: it must be published.")
    item.listing_version_id = technology.current_version_id
    item.evidence_cap = evidence_cap(technology.best_grade)
