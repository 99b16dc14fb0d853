"""A supplier quotes, quotes anew, and takes it back; what breaks a rule is told by its name."""

from typing import Any

import pytest
from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, Denied, Invalid
from innohub.market.catalogue.models import Technology
from innohub.market.quotes import policy, service, sums
from innohub.market.quotes.commands import SubmitQuote, WithdrawQuote
from innohub.market.quotes.models import Quote
from innohub.market.quotes.pricing import TierMode, vat_on
from innohub.outbox.models import Event
from tests.market.catalogue.stage import CHANGED, Stage, a_stage

TERMS: dict[str, Any] = {
    "unit_price_pence": 126_00, "unit": "officer", "interval": "year", "term_months": 36,
    "min_quantity": 10, "setup_pence": 5_000_00, "training_pence": 1_200_00, "exit_pence": 300_00,
    "tiers": [
        {"from_quantity": 2_250, "unit_price_pence": 113_00},
        {"from_quantity": 500, "to_quantity": 2_249, "unit_price_pence": 120_00},
    ],
    "data_return": "As CSV files, within ten days.", "valid_until": "2027-06-30",
}  # fmt: skip
BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "a price below zero": ({"unit_price_pence": -1}, "price_not_below_zero"),
    "a tier's price below zero": (
        {"tiers": [{"from_quantity": 20, "unit_price_pence": -1}]}, "price_not_below_zero"
    ),
    "a set-up cost below zero": ({"setup_pence": -1}, "price_not_below_zero"),
    "two tiers from one quantity": (
        {"tiers": [{"from_quantity": 10, "unit_price_pence": 1}]}, "tiers_do_not_overlap"
    ),
    "overlapping tiers": (
        {"tiers": [{"from_quantity": 20, "to_quantity": 40, "unit_price_pence": 9},
                   {"from_quantity": 30, "unit_price_pence": 8}]}, "tiers_do_not_overlap"
    ),
    "a gap": (
        {"tiers": [{"from_quantity": 20, "to_quantity": 30, "unit_price_pence": 9},
                   {"from_quantity": 40, "unit_price_pence": 8}]}, "tiers_leave_no_gap"
    ),
    "a tier below the least quantity": (
        {"tiers": [{"from_quantity": 2, "unit_price_pence": 126_00}]}, "tiers_do_not_overlap"
    ),
    "a dearer tier": (
        {"tiers": [{"from_quantity": 20, "unit_price_pence": 127_00}]},
        "price_does_not_rise_with_quantity",
    ),
    "half a year of a yearly price": ({"term_months": 30}, "term_is_whole_intervals"),
    "a price by the hour": ({"interval": "hour"}, "term_is_whole_intervals"),
    "a cap without an index": ({"index_cap_pct": 3}, "cap_goes_with_capped_index"),
    "out of date": ({"valid_until": "2026-11-01"}, "valid_from_today"),
}  # fmt: skip


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await a_stage(database)


async def quoted(stage: Stage, technology: Technology, **given: Any) -> Quote:
    command = SubmitQuote.parse({"technology_id": technology.id, **TERMS, **given})
    quote: Quote = await stage.do("supplier_admin", service.submit, command)
    return quote


async def test_what_breaks_a_rule_is_refused_by_its_name_and_changes_nothing(stage: Stage) -> None:
    technology = await stage.published()
    before = await stage.fingerprint()
    for what, (given, rule) in BROKEN.items():
        with pytest.raises(Invalid) as refused:
            await quoted(stage, technology, **given)
        assert rule in {problem.rule for problem in refused.value.problems}, what
        assert refused.value.rule is not None, what
    async with stage.database.session() as session:
        assert list(await session.scalars(select(Quote))) == []
    assert await stage.fingerprint() == before
    assert "event" in CHANGED


async def test_a_new_quote_takes_the_place_of_the_old_and_both_name_their_version(
    stage: Stage,
) -> None:
    technology = await stage.published()
    first = await quoted(stage, technology)
    second = await quoted(stage, technology, tier_mode="incremental")
    assert (first.number, second.number) == (1, 2)
    assert second.listing_version_id == technology.current_version_id
    assert (await stage.load(first)).superseded_at is not None
    with pytest.raises(Conflict):
        await stage.do("supplier_admin", service.withdraw, WithdrawQuote(quote_id=first.id))
    with pytest.raises(Denied):
        await stage.do("supplier_editor", service.submit,
                       SubmitQuote.parse({"technology_id": technology.id, **TERMS}))  # fmt: skip
    await stage.do("supplier_admin", service.withdraw, WithdrawQuote(quote_id=second.id))
    async with stage.database.session() as session:
        told = await session.scalars(select(Event).where(Event.type == "quote.submitted"))
        assert [event.payload["quote_number"] for event in told] == [1, 2]


async def test_a_price_is_sealed_from_other_suppliers_and_strangers(stage: Stage) -> None:
    quote = await quoted(stage, await stage.published())
    for part in ("supplier_admin", "supplier_viewer", "lead", "chief", "board_member"):
        assert quote.id in await stage.sees(part, Quote, policy.visible), part
    for part in ("rival_admin", "stranger", "catalogue_reviewer"):
        assert quote.id not in await stage.sees(part, Quote, policy.visible), part


@pytest.mark.parametrize("mode", TierMode)
async def test_reads_reckon_as_the_service_does(stage: Stage, mode: TierMode) -> None:
    quote = await quoted(stage, await stage.published(), tier_mode=mode.value)
    async with stage.database.unit_of_work(stage.actors["lead"].signature()) as work:
        schedule = (await service.schedules_of(work, [quote]))[quote.id]
        for quantity in (0, 1, 9, 10, 11, 499, 500, 501, 2_249, 2_250, 2_251, 99_999):
            row = (
                await work.session.execute(
                    select(
                        sums.total_at(quote.id, quantity), sums.unit_price_at(quote.id, quantity),
                        sums.tier_reached(quote.id, quantity), sums.next_tier(quote.id, quantity),
                    )
                )
            ).one()  # fmt: skip
            reached, after = schedule.reached(quantity), schedule.after(quantity)
            assert tuple(row) == (
                schedule.total(quantity),
                (reached or schedule.tiers[0]).unit_price_pence,
                reached and reached.from_quantity,
                after and after.from_quantity,
            )


async def test_vat_reads_to_the_same_penny_as_it_is_reckoned(stage: Stage) -> None:
    sums_of = [0, 1, 2, 3, 12, 13, 2_140_000, 99_999_999_999]
    for rate in (0, 5, 20, 100):
        async with stage.database.session() as session:
            read = (await session.execute(select(*(sums.vat_on(p, rate) for p in sums_of)))).one()
        assert list(read) == [vat_on(pence, rate) for pence in sums_of]


async def test_a_version_is_priced_while_a_quote_for_it_stands(stage: Stage) -> None:
    technology = await stage.published()
    quote = await quoted(stage, technology)
    version = technology.current_version_id
    assert version is not None
    async with stage.database.unit_of_work(stage.actors["lead"].signature()) as work:
        assert await service.priced_versions(work, [version]) == {version}
        once = 6_500_00
        assert await service.whole_life_cost_pence(work, [version]) == {
            version: 10 * 126_00 * 3 + once
        }
        assert await service.whole_life_cost_pence(work, [version], 3_000) == {
            version: 3_000 * 113_00 * 3 + once
        }
    stage.database.clock.pass_days((quote.valid_until - stage.database.clock().date()).days + 1)  # type: ignore[attr-defined]
    async with stage.database.unit_of_work(stage.actors["lead"].signature()) as work:
        assert await service.priced_versions(work, [version]) == set()
