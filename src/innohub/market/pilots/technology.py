"""The technology under pilot: whether something new may start with it, and its count of pilots."""

from typing import cast

from sqlalchemy import Table, func, select, update

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import NotFound, WrongState
from innohub.market.catalogue.models import PUBLIC, ListingState, Technology
from innohub.market.pilots.models import Pilot
from innohub.market.pilots.policy import REGISTERED


async def listed(work: UnitOfWork, technology_id: int) -> Technology:
    """The technology, held so that it cannot be suspended until this unit of work ends.

    Raises NotFound where no such listing is public, WrongState where it is not published now: a
    suspended listing starts nothing.
    """
    technology = await listed_row(work, technology_id)
    if technology is None or technology.state not in PUBLIC:
        raise NotFound("There is no such technology.")
    if technology.state is not ListingState.PUBLISHED:
        raise WrongState(f"This technology is {technology.state}: nothing new starts with it.")
    return technology


async def listed_row(work: UnitOfWork, technology_id: int) -> Technology | None:
    """The technology in any state, its row locked against every change but references to it."""
    found = await work.session.scalars(
        select(Technology)
        .where(Technology.id == technology_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return found.one_or_none()


async def recount(work: UnitOfWork, technology_id: int) -> None:
    """Bring the technology's `pilot_count` and `force_count` up to date: the pilots in the public
    register and the forces that run them. Its row must be locked.

    Written past the mapper: counting must not raise the revision that its supplier edits by.
    """
    registered = Pilot.state.in_(sorted(REGISTERED)) | Pilot.citation.is_not(None)
    counted_pilots = (
        select(func.count())
        .select_from(Pilot)
        .where(Pilot.technology_id == technology_id, registered)
        .scalar_subquery()
    )
    counted_forces = (
        select(func.count(Pilot.force_id.distinct()))
        .where(Pilot.technology_id == technology_id, registered)
        .scalar_subquery()
    )
    table = cast(Table, Technology.__table__)
    await work.session.execute(
        update(table)
        .where(table.c.id == technology_id)
        .values(pilot_count=counted_pilots, force_count=counted_forces)
    )
