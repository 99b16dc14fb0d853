"""Drafts that nobody has touched for a year are put away."""

from datetime import timedelta

import structlog
from sqlalchemy import func, select

from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.errors import Denied, InnoHubError, NotFound, WrongState
from innohub.identity.actor import SYSTEM, Actor, ActorKind
from innohub.market.catalogue import telling
from innohub.market.catalogue.commands import ArchiveTechnology
from innohub.market.catalogue.models import LISTING, ListingDraft, ListingState, Technology
from innohub.outbox.service import record

log = structlog.get_logger()

IDLE = timedelta(days=365)
"""The vocabulary's twelve months."""


async def archive(work: UnitOfWork, actor: Actor, command: ArchiveTechnology) -> Technology:
    """Put away a draft that nobody has touched for twelve months.

    Only the hub itself does: raises Denied to everybody else, NotFound, WrongState for a listing
    that is no draft or was touched since.
    """
    if actor.kind is not ActorKind.SYSTEM:
        raise Denied("Only the hub itself archives a listing.")
    technology = await work.session.scalar(
        select(Technology).where(Technology.id == command.technology_id).with_for_update()
    )
    if technology is None:
        raise NotFound("This technology does not exist.")
    state = LISTING.after("archive", technology.state)
    draft = await work.session.scalar(
        select(ListingDraft).where(ListingDraft.technology_id == technology.id)
    )
    touched = draft.touched_at if draft else technology.created_at
    if touched > work.now - IDLE:
        raise WrongState(f"This draft was touched within the last {IDLE.days} days.")
    technology.state = state
    await telling.tell_archived(work, technology)
    await record(work, "technology:archive", technology, detail={"touched_at": touched})
    return technology


async def archive_idle(database: Database) -> int:
    """Archive every draft that lies idle, each in a unit of work of its own; how many there were.
    Safe to run twice at once: the second finds it no draft any more."""
    touched = func.coalesce(ListingDraft.touched_at, Technology.created_at)
    due = (
        select(Technology.id)
        .outerjoin(ListingDraft, ListingDraft.technology_id == Technology.id)
        .where(Technology.state == ListingState.DRAFT, touched <= database.clock() - IDLE)
        .order_by(Technology.id)
    )
    async with database.session() as session:
        ids = (await session.scalars(due)).all()
    for id in ids:
        try:
            async with database.unit_of_work(SYSTEM.signature()) as work:
                await archive(work, SYSTEM, ArchiveTechnology(technology_id=id))
        except InnoHubError as error:
            log.warning("draft_not_archived", technology_id=id, why=error.message)
    return len(ids)
