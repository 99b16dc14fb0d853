"""People save searches, and are told when a listing version is published that fits; of a new one,
those with an open challenge that it fits are told as well."""

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.errors import Conflict, Denied, Invalid, NotFound, NotSignedIn
from innohub.identity.actor import SYSTEM, Actor
from innohub.identity.models import Person
from innohub.identity.viewer import Viewer
from innohub.market.catalogue.events import ListingPublished
from innohub.market.catalogue.models import ListingState, Technology
from innohub.market.challenges.service import match_listing
from innohub.market.finding import policy
from innohub.market.finding.commands import DeleteSavedSearch, SaveSearch
from innohub.market.finding.criteria import Criteria
from innohub.market.finding.kept import SavedSearch, SavedSearchCursor
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify_person
from innohub.outbox.models import Event
from innohub.outbox.service import record

MOST = 50
"""Saved searches of one person."""
AT_ONCE = 20
"""Events in one unit of work."""


async def save(work: UnitOfWork, actor: Actor, command: SaveSearch) -> SavedSearch:
    """Keep a search of the actor's own.

    Raises NotSignedIn, Denied for a client, Invalid where nothing is asked or too many are saved,
    Conflict for a name that is taken.
    """
    person_id = _person(actor)
    if not command.criteria.kept():
        raise Invalid("Say what to look for: words, or a filter.", field="criteria")
    # One person's saves wait for each other, so that the limit and the names hold.
    await work.session.execute(
        select(Person.id).where(Person.id == person_id).with_for_update(key_share=True)
    )
    own = select(func.count()).where(
        SavedSearch.person_id == person_id, SavedSearch.deleted_at.is_(None)
    )
    if (await work.session.scalar(own) or 0) >= MOST:
        raise Invalid(f"You have saved {MOST} searches. Delete one first.", field="name")
    if await work.session.scalar(own.where(SavedSearch.name == command.name)):
        raise Conflict("You have a saved search of this name.", field="name")
    saved = SavedSearch(
        person_id=person_id,
        name=command.name,
        criteria=command.criteria.kept(),
        query=command.criteria.query(),
        created_at=work.now,
    )
    work.session.add(saved)
    await record(work, "search:save", saved, detail={"name": saved.name})
    return saved


async def delete(work: UnitOfWork, actor: Actor, command: DeleteSavedSearch) -> SavedSearch:
    """Raises NotSignedIn, Denied for a client, NotFound for another person's."""
    _person(actor)
    found = await work.session.scalar(
        select(SavedSearch)
        .where(
            SavedSearch.id == command.search_id,
            SavedSearch.deleted_at.is_(None),
            policy.saved_search_visible(SavedSearch, Viewer(actor)),
        )
        .with_for_update()
    )
    if found is None:
        raise NotFound("You have no such saved search.")
    found.deleted_at = work.now
    await record(work, "search:delete", found, detail={"name": found.name})
    return found


async def tell_of_new_listings(database: Database) -> int:
    """Tell everybody whose saved search fits a listing version published since the last look; how
    many events were looked at.

    The look and the notices are one transaction, and a notice is keyed by search and version: a
    crash, or a second worker, tells nobody twice and leaves nobody out.
    """
    looked_at = 0
    while True:
        async with database.unit_of_work(SYSTEM.signature()) as work:
            events = await _next_events(work)
            for event in events:
                await _tell(work, event)
        looked_at += len(events)
        if len(events) < AT_ONCE:
            return looked_at


async def _next_events(work: UnitOfWork) -> list[Event]:
    """The published listings that nobody was told of yet, as far as one unit goes; none while
    another worker looks at them."""
    cursor = SavedSearchCursor
    first = insert(cursor).values(id=1, position=0, moved_at=work.now)
    await work.session.execute(first.on_conflict_do_nothing(index_elements=[cursor.id]))
    position = await work.session.scalar(
        select(cursor.position).where(cursor.id == 1).with_for_update(skip_locked=True)
    )
    if position is None:
        return []
    head = await work.session.scalar(select(func.max(Event.position))) or position
    found = await work.session.scalars(
        select(Event)
        .where(
            Event.position > position,
            Event.position <= head,
            Event.type == ListingPublished.type,
        )
        .order_by(Event.position)
        .limit(AT_ONCE)
    )
    events = list(found)
    reached = events[-1].position if len(events) == AT_ONCE else head
    if reached != position:
        await work.session.execute(
            update(cursor).where(cursor.id == 1).values(position=reached, moved_at=work.now)
        )
    return events


async def _tell(work: UnitOfWork, event: Event) -> None:
    technology = await work.session.get(Technology, event.payload["technology_id"])
    if technology is None or technology.state != ListingState.PUBLISHED:
        return
    searches = await work.session.scalars(
        select(SavedSearch)
        .where(SavedSearch.created_at <= event.created_at, SavedSearch.deleted_at.is_(None))
        .order_by(SavedSearch.person_id, SavedSearch.id)
    )
    version = event.payload["version"]
    if version == 1:
        await match_listing(work, technology)
    for search in searches:
        fits = Criteria.model_validate(search.criteria).fits(Technology)
        if await work.session.scalar(
            select(Technology.id).where(Technology.id == technology.id, fits)
        ):
            what = "is new" if version == 1 else f"has changed, to version {version},"
            await notify_person(
                work,
                kind=NoticeKind.SEARCH,
                person_id=search.person_id,
                text=f"{technology.name} {what} and fits your saved search “{search.name}”.",
                path=f"/technologies/{technology.slug}",
                key=f"saved-search/{search.id}/technology/{technology.id}/{version}",
            )


def _person(actor: Actor) -> int:
    if not actor.signed_in:
        raise NotSignedIn("Sign in to save a search.")
    if actor.person_id is None:
        raise Denied("Only people save searches.")
    return actor.person_id
