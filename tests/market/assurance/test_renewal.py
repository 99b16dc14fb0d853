"""A renewed item stands in the place of the old one, once somebody has verified it."""

from typing import Any

import pytest

from innohub.errors import Conflict, Invalid, NotFound, WrongState
from innohub.market.assurance import service
from innohub.market.assurance.commands import DeclareItem, RejectItem
from innohub.market.assurance.models import AssuranceItem, AssuranceStatus
from innohub.market.catalogue.models import Technology
from tests.market.assurance.test_assurance import declared, fields, verified
from tests.market.catalogue.stage import REASON, Stage

S = AssuranceStatus


async def renewed(
    stage: Stage, technology: Technology, item: AssuranceItem, **given: Any
) -> AssuranceItem:
    facts = {"issued_on": "2026-10-01", "renews_id": item.id} | given
    return await declared(stage, technology, **facts)


async def statuses(stage: Stage, *items: AssuranceItem) -> list[AssuranceStatus]:
    return [(await stage.load(item)).status for item in items]


async def test_a_verified_item_holds_until_its_renewal_is_verified(stage: Stage) -> None:
    technology = await stage.published()
    old = await declared(stage, technology)
    await verified(stage, old)
    new = await renewed(stage, technology, old)
    assert await statuses(stage, old, new) == [S.VERIFIED, S.DECLARED]
    await verified(stage, new)
    assert await statuses(stage, old, new) == [S.SUPERSEDED, S.VERIFIED]
    assert (await stage.load(old)).judgement == REASON


async def test_an_item_that_nobody_judged_yet_gives_way_at_once(stage: Stage) -> None:
    technology = await stage.published()
    wrong = await declared(stage, technology)
    right = await renewed(stage, technology, wrong, reference="ISMS 4712")
    assert await statuses(stage, wrong, right) == [S.SUPERSEDED, S.DECLARED]


async def test_a_renewal_that_was_rejected_leaves_the_old_item_and_may_be_tried_again(
    stage: Stage,
) -> None:
    technology = await stage.published()
    old = await verified(stage, await declared(stage, technology))
    bad = await renewed(stage, technology, old)
    await stage.do(
        "assurance_officer", service.reject_item, RejectItem(item_id=bad.id, reason=REASON)
    )
    assert await statuses(stage, old, bad) == [S.VERIFIED, S.REJECTED]
    good = await renewed(stage, technology, bad, issued_on="2026-10-02")
    await verified(stage, good)
    assert await statuses(stage, old, bad, good) == [S.SUPERSEDED, S.SUPERSEDED, S.VERIFIED]


async def test_of_two_renewals_at_once_one_wins(stage: Stage) -> None:
    technology = await stage.published()
    old = await verified(stage, await declared(stage, technology))
    command = DeclareItem.parse(fields(technology, issued_on="2026-10-01", renews_id=old.id))
    attempt = ("supplier_editor", service.declare_item, command)
    _, second = await stage.overlap(attempt, attempt)
    assert isinstance(second, Conflict)


async def test_what_was_replaced_is_not_renewed_again(stage: Stage) -> None:
    technology = await stage.published()
    old = await declared(stage, technology)
    await renewed(stage, technology, old)
    with pytest.raises(WrongState):
        await renewed(stage, technology, old, issued_on="2026-10-02")


async def test_an_item_of_another_listing_cannot_be_renewed(stage: Stage) -> None:
    technology = await stage.published()
    other = await declared(stage, await stage.published(name="Another"))
    with pytest.raises(NotFound):
        await renewed(stage, technology, other)


async def test_a_renewal_is_of_the_same_type(stage: Stage) -> None:
    technology = await stage.published()
    item = await declared(stage, technology)
    with pytest.raises(Invalid) as caught:
        await renewed(stage, technology, item, type="soc2_type2")
    assert caught.value.field == "type"
