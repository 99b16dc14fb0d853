"""What the calendar does to assurance: warnings, the end, and the listing that goes with it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import WrongState
from innohub.market.assurance import service
from innohub.market.assurance.expiring import stage_of
from innohub.market.assurance.models import AssuranceItem, AssuranceStatus
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.commands import ReinstateTechnology, WithdrawTechnology
from innohub.market.catalogue.models import ListingState, Technology
from innohub.notices.models import Notice
from tests.conftest import Clock
from tests.market.assurance.test_assurance import declared, verified
from tests.market.assurance.test_renewal import renewed
from tests.market.catalogue.stage import REASON, Stage

S = AssuranceStatus


class Look:
    """The hub looks at what expires; the force of the stage uses every technology."""

    def __init__(self, stage: Stage, clock: Clock) -> None:
        self.stage, self.clock = stage, clock

    async def __call__(self) -> int:
        return await service.watch(self.stage.database, self._users)

    async def _users(self, work: UnitOfWork, technology_id: int) -> list[int]:
        return [self.stage.force.id]

    async def item(self, technology: Technology, days: int, **facts: Any) -> AssuranceItem:
        """A verified item that expires in so many days."""
        ends = self.clock().date() + timedelta(days=days)
        facts = {"type": "dpia", "expires_on": ends.isoformat()} | facts
        return await verified(self.stage, await declared(self.stage, technology, **facts))

    async def told(self, part: str) -> list[str]:
        """What somebody was told of expiry, in order."""
        own = [
            n.key for n in await self.stage.all(Notice) if n.person_id == self.stage.people[part].id
        ]
        return [k for k in own if "/verified" not in k and not k.startswith("listing-version/")]


@pytest.fixture
def look(stage: Stage, clock: Clock) -> Look:
    return Look(stage, clock)


def test_the_warning_that_is_due_is_the_nearest_to_the_end() -> None:
    days = (120, 91, 90, 31, 30, 8, 7, 1)
    assert [stage_of(left) for left in days] == [None, None, 90, 90, 30, 30, 7, 7]


async def test_each_warning_comes_once_however_often_the_hub_looks(
    stage: Stage, look: Look, clock: Clock
) -> None:
    item = await look.item(await stage.published(), days=100)
    for _ in range(100):
        await look()
        assert await look() == 0
        clock.pass_days(1)
    warned = [f"assurance/{item.id}/warned-{ahead}" for ahead in (90, 30, 7)]
    assert await look.told("supplier_admin") == warned
    assert await look.told("reviewer") == warned
    assert await look.told("other_reviewer") == []
    assert await look.told("supplier_viewer") == []
    assert [e.payload["days_left"] for e in await stage.events("assurance.expiring")] == [90, 30, 7]


async def test_after_a_week_without_a_look_one_warning_makes_up_for_all(
    stage: Stage, look: Look, clock: Clock
) -> None:
    item = await look.item(await stage.published(), days=31)
    assert await look() == 1
    clock.pass_days(25)
    assert await look() == 1
    assert await look() == 0
    assert await look.told("supplier_admin") == [
        f"assurance/{item.id}/warned-90",
        f"assurance/{item.id}/warned-7",
    ]


async def test_a_renewal_that_is_verified_ends_the_warnings(
    stage: Stage, look: Look, clock: Clock
) -> None:
    technology = await stage.published()
    item = await look.item(technology, days=31)
    await look()
    await verified(stage, await renewed(stage, technology, item, type="dpia"))
    clock.pass_days(40)
    assert await look() == 0
    assert (await stage.load(item)).status is S.SUPERSEDED
    assert (await stage.load(technology)).state is ListingState.PUBLISHED


async def test_a_listing_off_the_market_is_not_warned_of(stage: Stage, look: Look) -> None:
    technology = await stage.published()
    item = await look.item(technology, days=3)
    await stage.step(
        "supplier_admin", catalogue.withdraw, WithdrawTechnology, technology, reason=REASON
    )
    assert await look() == 0
    look.clock.pass_days(3)
    assert await look() == 1
    assert (await stage.load(item)).status is S.EXPIRED


async def test_what_is_required_takes_the_listing_with_it_and_its_users_are_alerted(
    stage: Stage, look: Look, clock: Clock
) -> None:
    technology = await stage.published()
    item = await look.item(technology, days=5)
    clock.pass_days(4)
    await look()
    assert (await stage.load(technology)).state is ListingState.PUBLISHED
    clock.pass_days(1)
    assert await look() == 1
    assert await look() == 0
    assert (await stage.load(item)).status is S.EXPIRED
    assert (await stage.load(technology)).state is ListingState.SUSPENDED
    (suspended,) = await stage.events("listing.suspended")
    assert suspended.payload["reason"] == (
        "Required assurance expired on 7 November 2026 and no renewal is verified: "
        "Data protection impact assessment (DPIA)."
    )
    alert = f"assurance/{item.id}/suspended"
    for part in ("supplier_admin", "reviewer", "lead"):
        assert (await look.told(part))[-1] == alert, part
    assert await look.told("other_lead") == []
    assert [e.payload["days_left"] for e in await stage.events("assurance.expiring")][-1] == 0


async def test_what_is_not_required_expires_and_the_listing_stays(
    stage: Stage, look: Look, clock: Clock
) -> None:
    technology = await stage.published()
    item = await look.item(technology, days=5, type="iso_27001")
    clock.pass_days(5)
    await look()
    assert (await stage.load(item)).status is S.EXPIRED
    assert (await stage.load(technology)).state is ListingState.PUBLISHED
    assert (await look.told("reviewer"))[-1] == f"assurance/{item.id}/expired"


async def test_another_verified_item_of_the_kind_keeps_the_listing(
    stage: Stage, look: Look, clock: Clock
) -> None:
    technology = await stage.published()
    await look.item(technology, days=5, type="cyber_essentials")
    await look.item(technology, days=300, type="cyber_essentials_plus", reference="CEP")
    clock.pass_days(5)
    await look()
    assert (await stage.load(technology)).state is ListingState.PUBLISHED


async def test_a_renewal_that_nobody_verified_keeps_nothing(
    stage: Stage, look: Look, clock: Clock
) -> None:
    technology = await stage.published()
    item = await look.item(technology, days=5)
    await renewed(stage, technology, item, type="dpia")
    clock.pass_days(5)
    await look()
    assert (await stage.load(technology)).state is ListingState.SUSPENDED


async def test_what_was_never_verified_takes_nothing_with_it(
    stage: Stage, look: Look, clock: Clock
) -> None:
    technology = await stage.published()
    item = await declared(stage, technology, type="dpia", expires_on="2026-11-07")
    clock.pass_days(5)
    await look()
    assert (await stage.load(item)).status is S.EXPIRED
    assert (await stage.load(technology)).state is ListingState.PUBLISHED


async def test_a_suspension_is_lifted_once_the_renewal_is_verified(
    stage: Stage, look: Look, clock: Clock
) -> None:
    technology = await stage.published()
    item = await look.item(technology, days=5)
    clock.pass_days(5)
    await look()
    facts = {"technology_id": technology.id, "reason": REASON, "evidence": "Report 7"}
    command = ReinstateTechnology.parse(facts)
    with pytest.raises(WrongState, match="no renewal is verified yet: Data protection"):
        await stage.do("assurance_officer", service.reinstate, command)
    assert (await stage.load(technology)).state is ListingState.SUSPENDED
    await verified(stage, await renewed(stage, technology, item, type="dpia"))
    await stage.do("assurance_officer", service.reinstate, command)
    assert (await stage.load(technology)).state is ListingState.PUBLISHED


async def test_an_item_that_is_in_another_s_hands_is_left_to_them(
    stage: Stage, look: Look, clock: Clock
) -> None:
    """Two workers look at once: the second finds the item done."""
    await look.item(await stage.published(), days=5, type="iso_27001")
    clock.pass_days(5)
    assert sorted(await asyncio.gather(look(), look())) == [0, 1]
    assert (await stage.actions()).count("assurance_item:expire") == 1
