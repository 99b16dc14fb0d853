"""What the calendar does to assurance: warnings ahead of the last day, and then the end."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, or_, select

from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.errors import InnoHubError
from innohub.identity.actor import SYSTEM
from innohub.identity.models import ReferenceValue
from innohub.market.assurance import alerts, requirements
from innohub.market.assurance.events import ItemExpiring
from innohub.market.assurance.models import HELD, ITEM, AssuranceItem
from innohub.market.assurance.models import AssuranceStatus as Status
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.models import ListingState, Technology
from innohub.market.reference_lists import in_force
from innohub.market.working_days import london_date
from innohub.outbox.service import record

log = structlog.get_logger()

WARNINGS = (90, 30, 7)
"""Days ahead of the last day, each warned of once."""
OFF_THE_MARKET = (ListingState.WITHDRAWN, ListingState.ARCHIVED)

ForcesUsing = Callable[[UnitOfWork, int], Awaitable[Sequence[int]]]
"""The forces that pilot a technology or have adopted it, by its id. Given by the layers above:
assurance does not know of pilots."""


async def watch(database: Database, forces_using: ForcesUsing) -> int:
    """The hub's own daily look: warn of what expires soon, end what has expired; how many items it
    touched.

    Each item in a unit of work of its own, so that one that fails does not hold up the others.
    Safe to run twice, at once, or a week late: of several warnings that fell due, the nearest to
    the end is given.
    """
    today = london_date(database.clock())
    async with database.session() as session:
        ids = (
            await session.scalars(
                select(AssuranceItem.id)
                .join(Technology, Technology.id == AssuranceItem.technology_id)
                .where(_due(today))
                .order_by(AssuranceItem.expires_on, AssuranceItem.id)
            )
        ).all()
    touched = 0
    for id in ids:
        try:
            async with database.unit_of_work(SYSTEM.signature()) as work:
                touched += await _look_at(work, id, forces_using)
        except InnoHubError as error:
            log.warning("expiry_failed", item_id=id, why=error.message)
    return touched


def stage_of(days_left: int) -> int | None:
    """Which warning is due with so many days left; None before the first."""
    return min((days for days in WARNINGS if days_left <= days), default=None)


def _due(today: date) -> ColumnElement[bool]:
    unwarned = (
        and_(
            AssuranceItem.expires_on <= today + timedelta(days=days),
            or_(AssuranceItem.warned_days.is_(None), AssuranceItem.warned_days > days),
        )
        for days in WARNINGS
    )
    return and_(
        AssuranceItem.status.in_(HELD),
        or_(
            AssuranceItem.expires_on <= today,
            and_(Technology.state.not_in(OFF_THE_MARKET), or_(*unwarned)),
        ),
    )


async def _look_at(work: UnitOfWork, id: int, forces_using: ForcesUsing) -> bool:
    """Warn of the item or end it, under its lock; False where another worker was faster."""
    item, technology = await _locked(work, id)
    if item.status not in HELD or item.expires_on is None:
        return False
    days_left = (item.expires_on - london_date(work.now)).days
    if days_left <= 0:
        await _expire(work, item, technology, forces_using)
        return True
    stage = stage_of(days_left)
    if stage is None or (item.warned_days is not None and item.warned_days <= stage):
        return False
    await _warn(work, item, technology, stage, days_left, forces_using)
    return True


async def _locked(work: UnitOfWork, id: int) -> tuple[AssuranceItem, Technology]:
    # The technology first, as whoever declares a renewal locks it first.
    technology_id = select(AssuranceItem.technology_id).where(AssuranceItem.id == id)
    technology = await work.session.get_one(
        Technology, await work.session.scalar(technology_id), with_for_update=True
    )
    item = await work.session.get_one(AssuranceItem, id, with_for_update=True)
    return item, technology


async def _warn(
    work: UnitOfWork,
    item: AssuranceItem,
    technology: Technology,
    stage: int,
    days_left: int,
    forces_using: ForcesUsing,
) -> None:
    item.warned_days = stage
    await record(
        work,
        "assurance_item:warn",
        item,
        detail={"expires_on": item.expires_on, "warning": stage},
        event=ItemExpiring.about(item, technology, days_left=days_left),
    )
    await alerts.expiring(
        work,
        item,
        technology,
        await _name_of(work, item),
        days_left=days_left,
        forces=await forces_using(work, technology.id),
    )


async def _expire(
    work: UnitOfWork, item: AssuranceItem, technology: Technology, forces_using: ForcesUsing
) -> None:
    verified = item.status is Status.VERIFIED
    item.status = ITEM.after("expire", item.status)
    await record(
        work,
        "assurance_item:expire",
        item,
        detail={"type": item.type, "reference": item.reference, "expires_on": item.expires_on},
        event=ItemExpiring.about(item, technology, days_left=0),
    )
    forces = await forces_using(work, technology.id)
    lost = await _suspend_if_lapsed(work, item, technology) if verified else []
    if lost:
        await alerts.suspended(work, item, technology, lost, forces=forces)
    else:
        label = await _name_of(work, item)
        await alerts.expired(work, item, technology, label, forces=forces)


async def _suspend_if_lapsed(
    work: UnitOfWork, item: AssuranceItem, technology: Technology
) -> list[ReferenceValue]:
    """Suspend the listing where the item was the last of a type that it must not lose: the types
    that are lost, or none where it was not published."""
    types = await in_force(work, requirements.LIST)
    lost = [
        type_
        for type_ in await requirements.lapsed(work, technology)
        if item.type in requirements.meeting(types, type_.id)
    ]
    if not lost:
        return []
    named = " and ".join(type_.label for type_ in lost)
    reason = (
        f"Required assurance expired on {alerts.last_day(item)} and no renewal is verified: "
        f"{named}."
    )
    return lost if await catalogue.suspend_by_hub(work, technology, reason) else []


async def _name_of(work: UnitOfWork, item: AssuranceItem) -> str:
    return alerts.shown(item, await requirements.label_of(work, item.type))
