"""People save searches, and are told of what is published later."""

from typing import Any

import pytest
from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, Denied, Invalid, NotFound, NotSignedIn
from innohub.hub.database import database_of
from innohub.identity.actor import STRANGER, Actor
from innohub.identity.models import Role
from innohub.identity.permissions import Scope
from innohub.market.catalogue.events import ListingPublished
from innohub.market.catalogue.models import ListingState, Technology
from innohub.market.finding import service
from innohub.market.finding.commands import DeleteSavedSearch, SaveSearch
from innohub.market.finding.kept import SavedSearch
from innohub.notices.models import Notice
from innohub.outbox.service import record
from tests.conftest import Clock
from tests.factories import Somebody, client_of, somebody, the_force
from tests.web.shelf import a_listing


@pytest.fixture
def database(database: Database, clock: Clock) -> Database:
    """With the places of events in the feed, as the hub has them."""
    return database_of(database.engine, clock=clock)


@pytest.fixture
async def lead(database: Database) -> Somebody:
    return await somebody(database, await the_force(database), Role.FORCE_INNOVATION_LEAD)


async def save(
    database: Database, actor: Actor, name: str = "Redaction", **criteria: Any
) -> SavedSearch:
    asked = criteria or {"search": "redaction"}
    async with database.unit_of_work(actor.signature()) as work:
        command = SaveSearch.parse({"name": name, "criteria": asked})
        return await service.save_search(work, actor, command)


async def publish(database: Database, technology: Technology, version: int = 1) -> None:
    """What the review records when a version goes live."""
    async with database.unit_of_work(STRANGER.signature()) as work:
        about = ListingPublished(
            stream=f"technology/{technology.id}",
            supplier_id=technology.supplier_id,
            technology_id=technology.id,
            technology_slug=technology.slug,
            technology_name=technology.name,
            version=version,
            content_hash="0" * 64,
        )
        await record(work, "technology:approve", technology, event=about)


async def told(database: Database) -> list[str]:
    async with database.session() as session:
        return list(await session.scalars(select(Notice.text).order_by(Notice.id)))


async def test_a_new_listing_that_fits_is_told_once(
    database: Database, lead: Somebody, clock: Clock
) -> None:
    await save(database, lead.actor)
    clock.pass_days(1)
    await publish(database, await a_listing(database, "Veilwright", summary="Redaction."))
    await publish(database, await a_listing(database, "Drone", summary="Flies."))
    for _ in range(2):
        await service.tell_of_new_listings(database)
    assert await told(database) == ["Veilwright is new and fits your saved search “Redaction”."]


async def test_each_version_is_told_once_however_often_it_is_published(
    database: Database, lead: Somebody, clock: Clock
) -> None:
    await save(database, lead.actor)
    clock.pass_days(1)
    listing = await a_listing(database, "Veilwright", summary="Redaction.")
    for version in (1, 1, 2, 2):
        await publish(database, listing, version)
        await service.tell_of_new_listings(database)
    assert len(await told(database)) == 2
    assert (await told(database))[1].startswith("Veilwright has changed, to version 2,")


async def test_what_was_published_before_the_search_was_saved_is_not_told(
    database: Database, lead: Somebody, clock: Clock
) -> None:
    await publish(database, await a_listing(database, "Veilwright", summary="Redaction."))
    clock.pass_days(1)
    await save(database, lead.actor)
    await service.tell_of_new_listings(database)
    assert await told(database) == []


async def test_what_is_no_longer_published_is_not_told(
    database: Database, lead: Somebody, clock: Clock
) -> None:
    await save(database, lead.actor)
    clock.pass_days(1)
    state = ListingState.SUSPENDED
    await publish(database, await a_listing(database, summary="Redaction.", state=state))
    await service.tell_of_new_listings(database)
    assert await told(database) == []


async def test_many_listings_at_once_are_all_told(
    database: Database, lead: Somebody, clock: Clock
) -> None:
    await save(database, lead.actor)
    clock.pass_days(1)
    for number in range(23):
        await publish(database, await a_listing(database, f"R {number}", summary="Redaction."))
    assert await service.tell_of_new_listings(database) == 23
    assert len(await told(database)) == 23


@pytest.mark.parametrize(
    ("criteria", "fits"),
    [
        ({"category": ["ai_model", "ppe"]}, True),
        ({"category": ["ppe"]}, False),
        ({"trl": [8]}, True),
        ({"capability": ["investigation"]}, True),
        ({"capability": ["custody"]}, False),
        ({"assurance_held": ["dpia"], "search": "veilwright"}, True),
        ({"piloted_by": ["kent"]}, False),
        ({"verdict": ["worked"]}, False),
        ({"rating_at_least": 3}, False),
    ],
)
async def test_every_filter_counts(
    database: Database, lead: Somebody, clock: Clock, criteria: dict[str, Any], fits: bool
) -> None:
    await save(database, lead.actor, **criteria)
    clock.pass_days(1)
    await publish(database, await a_listing(database, "Veilwright"))
    await service.tell_of_new_listings(database)
    assert len(await told(database)) == fits


async def test_the_address_asks_the_same(database: Database, lead: Somebody) -> None:
    saved = await save(
        database, lead.actor, search="body worn", trl=[8, 9], piloted_by=["kent"], rating_at_least=4
    )
    assert saved.query == "q=body+worn&trl=8&trl=9&force=kent&rating=4"


async def test_a_name_is_taken_once_and_nothing_is_no_search(
    database: Database, lead: Somebody
) -> None:
    await save(database, lead.actor)
    with pytest.raises(Conflict):
        await save(database, lead.actor)
    with pytest.raises(Invalid):
        await save(database, lead.actor, "Empty", search="")


async def test_a_deleted_search_tells_nothing_and_only_its_owner_deletes_it(
    database: Database, lead: Somebody, clock: Clock
) -> None:
    saved = await save(database, lead.actor)
    other = await somebody(database, lead.organisation, Role.FORCE_VIEWER)
    command = DeleteSavedSearch(search_id=saved.id)
    async with database.unit_of_work(other.actor.signature()) as work:
        with pytest.raises(NotFound):
            await service.delete_saved_search(work, other.actor, command)
    async with database.unit_of_work(lead.actor.signature()) as work:
        await service.delete_saved_search(work, lead.actor, command)
    clock.pass_days(1)
    await publish(database, await a_listing(database, summary="Redaction."))
    await service.tell_of_new_listings(database)
    assert await told(database) == []


async def test_strangers_and_machines_save_none(database: Database, lead: Somebody) -> None:
    with pytest.raises(NotSignedIn):
        await save(database, STRANGER)
    with pytest.raises(Denied):
        await save(database, client_of(lead.organisation, Scope.PILOTS_READ_OWN))
