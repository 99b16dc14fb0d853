"""A pilot and the listing under it: forces hear what changes, and agree before it goes."""

import pytest
from sqlalchemy import select

from innohub.errors import Conflict, Denied, WrongState
from innohub.market.catalogue.commands import WithdrawTechnology
from innohub.market.catalogue.events import ListingPublished
from innohub.market.catalogue.models import ListingState, ListingVersion, Technology, VersionState
from innohub.market.pilots import commands, service
from innohub.market.pilots.models import PilotState
from innohub.notices.models import Notice
from innohub.outbox.service import record
from tests.market.pilots.cast import Cast

REASON = "The supplier keeps it running until the end of March."


async def publish_another(cast: Cast, number: int = 2) -> None:
    """A next version goes live, as the catalogue would do it."""
    async with cast.database.unit_of_work(cast["supplier_admin"].signature()) as work:
        technology = await work.session.get_one(Technology, cast.technology.id)
        version = ListingVersion(
            technology_id=technology.id, number=number, state=VersionState.APPROVED, content={},
            content_hash="1" * 64, changed=["price", "support"], live_at=work.now,
            created_at=work.now,
        )  # fmt: skip
        work.session.add(version)
        await work.session.flush()
        technology.current_version_id = version.id
        event = ListingPublished.about(technology, version)
        await record(work, "technology:amend", technology, event=event)


async def told(cast: Cast, part: str) -> list[str]:
    async with cast.database.session() as session:
        rows = await session.scalars(
            select(Notice).where(
                Notice.person_id == cast[part].person_id, Notice.key.like("listing-version/%")
            )
        )
        return [row.text for row in rows]


def withdrawal(cast: Cast) -> WithdrawTechnology:
    return WithdrawTechnology(technology_id=cast.technology.id, reason="It is not sold any more.")


async def withdraw(cast: Cast) -> None:
    await cast.do("supplier_admin", service.withdraw_listing, withdrawal(cast))


async def test_a_force_hears_once_what_changed_in_the_listing_that_it_pilots(cast: Cast) -> None:
    cast.database.before_commit.insert(0, service.tell_forces)
    pilot = await cast.running()
    await publish_another(cast)
    name = cast.technology.name
    text = f"{name} changed since your pilot “{pilot.title}” pinned it: price, support."
    for part in ("lead", "analyst", "sro"):
        assert await told(cast, part) == [text]
    for part in ("force_viewer", "other_lead", "supplier_admin"):
        assert await told(cast, part) == []


async def test_a_force_whose_pilot_is_over_hears_nothing(cast: Cast) -> None:
    cast.database.before_commit.insert(0, service.tell_forces)
    pilot = await cast.running()
    await cast.put(pilot, state=PilotState.PUBLISHED)
    await publish_another(cast)
    assert await told(cast, "lead") == []


async def test_a_listing_with_an_open_pilot_is_not_withdrawn(cast: Cast) -> None:
    pilot = await cast.running()
    before = await cast.fingerprint()
    with pytest.raises(WrongState, match=f"“{pilot.title}”"):
        await withdraw(cast)
    assert await cast.fingerprint() == before
    assert (await cast.load(Technology, cast.technology.id)).state is ListingState.PUBLISHED


async def test_it_is_withdrawn_once_the_force_agreed_how_its_pilot_goes_on(cast: Cast) -> None:
    pilot = await cast.running()
    await cast.step(
        "sro", service.agree_continuation, commands.AgreeContinuation, pilot, reason=REASON
    )
    await withdraw(cast)
    assert (await cast.load(Technology, cast.technology.id)).state is ListingState.WITHDRAWN


async def test_it_is_withdrawn_when_every_pilot_is_over(cast: Cast) -> None:
    pilot = await cast.running()
    await cast.put(pilot, state=PilotState.PUBLISHED)
    await withdraw(cast)
    assert (await cast.load(Technology, cast.technology.id)).state is ListingState.WITHDRAWN


async def test_the_owner_alone_agrees_once_and_only_while_it_is_open(cast: Cast) -> None:
    pilot = await cast.running()
    command = commands.AgreeContinuation(pilot_id=pilot.id, reason=REASON)
    for part in ("lead", "other_sro", "supplier_admin", "assurance_officer"):
        with pytest.raises(Denied):
            await cast.do(part, service.agree_continuation, command)
    await cast.do("sro", service.agree_continuation, command)
    with pytest.raises(Conflict):
        await cast.do("sro", service.agree_continuation, command)
    await cast.put(pilot, state=PilotState.PUBLISHED)
    with pytest.raises(WrongState, match="over"):
        await cast.do("sro", service.agree_continuation, command)
