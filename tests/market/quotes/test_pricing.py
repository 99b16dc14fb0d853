"""A total is the same however it is cut, shared out or reached, to the penny and in every mode."""

from hypothesis import given, settings
from hypothesis import strategies as st

from innohub.market.catalogue.prices import PriceInterval
from innohub.market.quotes.pricing import (
    Schedule,
    Tier,
    TierMode,
    apportion,
    intervals_in,
    part_of,
    schedule_of,
    vat_on,
)

PENCE = st.integers(0, 10**9)
QUANTITIES = st.integers(0, 10**6)
TIERS = st.dictionaries(st.integers(1, 10**5), PENCE, min_size=1, max_size=6)
SCHEDULES = st.builds(
    lambda mode, tiers: schedule_of(mode, [Tier(*one) for one in tiers.items()]),
    st.sampled_from(TierMode),
    TIERS,
)


@given(total=PENCE, weights=st.dictionaries(st.integers(1, 99), st.integers(0, 10**6)))
def test_shares_are_the_whole_and_none_is_a_penny_off(total: int, weights: dict[int, int]) -> None:
    shares = apportion(total, weights)
    whole = sum(weights.values())
    assert sum(shares.values()) == (total if whole else 0)
    assert all(abs(shares[id] * whole - total * w) < whole for id, w in weights.items() if whole)
    assert apportion(total, dict(reversed(weights.items()))) == shares


@given(total=PENCE, cuts=st.lists(st.integers(0, 5_000), min_size=1, max_size=12))
def test_however_a_whole_is_called_off_its_parts_add_up_to_it(total: int, cuts: list[int]) -> None:
    whole = sum(cuts) or 1
    parts = [part_of(total, whole, sum(cuts[:place]), cut) for place, cut in enumerate(cuts)]
    assert sum(parts) == (total if sum(cuts) else 0)
    assert min(parts) >= 0


@given(schedule=SCHEDULES, quantity=QUANTITIES)
def test_a_total_is_the_sum_of_its_units(schedule: Schedule, quantity: int) -> None:
    lines = schedule.lines()
    assert [line.from_quantity for line in lines] == [t.from_quantity for t in schedule.tiers]
    reached = schedule.reached(quantity)
    first = schedule.tiers[0]
    if schedule.mode is TierMode.INCREMENTAL:
        bounds = [1, *(tier.from_quantity for tier in schedule.tiers[1:]), 10**7]
        units = sum(
            max(0, min(quantity, end - 1) - start + 1) * tier.unit_price_pence
            for tier, start, end in zip(schedule.tiers, bounds, bounds[1:], strict=False)
        )
        assert schedule.total(quantity) == units
    else:
        assert schedule.total(quantity) == quantity * (reached or first).unit_price_pence
    if schedule.mode is TierMode.RETROSPECTIVE_REBATE:
        assert schedule.invoiced(quantity) == quantity * first.unit_price_pence
    else:
        assert schedule.invoiced(quantity) == schedule.total(quantity)


@settings(max_examples=50)
@given(schedule=SCHEDULES, weights=st.dictionaries(st.integers(1, 43), QUANTITIES, max_size=8))
def test_what_forces_pay_is_what_the_pool_costs(
    schedule: Schedule, weights: dict[int, int]
) -> None:
    total = schedule.total(sum(weights.values()))
    assert sum(apportion(total, weights).values()) == total


def test_the_three_modes_by_an_example_worked_by_hand() -> None:
    tiers = (Tier(1, 1_000), Tier(100, 900), Tier(500, 700))
    totals = {mode: Schedule(mode, tiers).total(600) for mode in TierMode}
    assert totals == {
        TierMode.ALL_UNITS: 600 * 700,
        TierMode.INCREMENTAL: 99 * 1_000 + 400 * 900 + 101 * 700,
        TierMode.RETROSPECTIVE_REBATE: 600 * 700,
    }
    rebate = Schedule(TierMode.RETROSPECTIVE_REBATE, tiers)
    assert rebate.invoiced(600) - rebate.total(600) == 600 * 300
    assert rebate.after(99) == Tier(100, 900)
    assert rebate.after(500) is None
    assert (rebate.reached(0), rebate.reached(1)) == (None, Tier(1, 1_000))


def test_vat_is_to_the_nearest_penny_and_a_term_is_whole_intervals() -> None:
    assert [vat_on(pence, 20) for pence in (0, 2, 3, 1_000)] == [0, 0, 1, 200]
    assert intervals_in(36, PriceInterval.YEAR) == 3
    assert intervals_in(30, PriceInterval.YEAR) is None
    assert intervals_in(30, PriceInterval.SIX_MONTHS) == 5
    assert intervals_in(7, PriceInterval.ONE_OFF) == 1
    assert intervals_in(12, PriceInterval.HOUR) is None
