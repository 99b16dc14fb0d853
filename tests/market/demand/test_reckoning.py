"""No order of commitments, withdrawals and call-offs changes what a pool costs, and what its forces
pay together is what it costs, to the penny, in every tier mode."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from innohub.market.demand.reckoning import Bargain, Meter
from innohub.market.quotes.pricing import Schedule, Tier, TierMode, schedule_of

PENCE = st.integers(0, 10**7)
TIERS = st.dictionaries(st.integers(1, 3_000), PENCE, min_size=1, max_size=5)


def _falling(tiers: dict[int, int]) -> list[Tier]:
    prices = sorted(tiers.values(), reverse=True)
    return [Tier(begins, price) for begins, price in zip(sorted(tiers), prices, strict=True)]


BARGAINS = st.builds(
    lambda mode, tiers, intervals: Bargain(schedule_of(mode, _falling(tiers)), intervals),
    st.sampled_from(TierMode),
    TIERS,
    st.integers(1, 36),
)
LEDGERS = st.lists(st.tuples(st.integers(1, 8), st.integers(0, 900)), min_size=1, max_size=25)
"""Lines by force: from now on so many units, or none, which is a withdrawal."""


def standing(lines: list[tuple[int, int]]) -> dict[int, int]:
    """The newest line of each force counts."""
    return {force: quantity for force, quantity in dict(lines).items() if quantity}


@given(bargain=BARGAINS, lines=LEDGERS, seed=st.integers(0, 2**32))
def test_forces_that_commit_in_another_order_pay_the_same(
    bargain: Bargain, lines: list[tuple[int, int]], seed: int
) -> None:
    by_force = {
        force: [line for line in lines if line[0] == force] for force in {one for one, _ in lines}
    }
    chance, other = Random(seed), []
    while any(by_force.values()):
        force = chance.choice([id for id, left in by_force.items() if left])
        other.append(by_force[force].pop(0))
    one, two = standing(lines), standing(other)
    assert bargain.total(one) == bargain.total(two)
    assert bargain.shares(one) == bargain.shares(two)
    assert sum(bargain.shares(one).values()) == bargain.total(one)


@settings(max_examples=150)
@given(
    bargain=BARGAINS,
    committed=st.dictionaries(st.integers(1, 8), st.integers(1, 60), min_size=1, max_size=5),
    late=st.dictionaries(st.integers(9, 12), st.integers(1, 60), max_size=2),
    seed=st.integers(0, 2**32),
)
def test_whatever_the_order_of_call_offs_and_late_joiners_forces_pay_the_total(
    bargain: Bargain, committed: dict[int, int], late: dict[int, int], seed: int
) -> None:
    chance, stands, waiting = Random(seed), dict(committed), list(late.items())
    called, invoiced = dict.fromkeys(stands, 0), dict.fromkeys(stands, 0)
    while waiting or called != stands:
        if waiting and chance.random() < 0.4:
            force, quantity = waiting.pop()
            stands[force], called[force], invoiced[force] = quantity, 0, 0
            continue
        left = {id: stands[id] - called[id] for id in stands if stands[id] > called[id]}
        if not left:
            continue
        force = chance.choice(sorted(left))
        quantity = chance.randint(1, left[force])
        invoiced[force] += bargain.call_off(stands, force, called[force], quantity)
        called[force] += quantity
    back = bargain.paid_back(stands, called, invoiced)
    paid = {id: invoiced[id] - back[id] for id in stands}
    assert paid == bargain.shares(stands)
    assert sum(paid.values()) == bargain.total(committed | late)


def test_a_late_joiner_takes_all_to_the_next_tier_and_what_was_invoiced_before_is_paid_back() -> (
    None
):
    bargain = Bargain(Schedule(TierMode.ALL_UNITS, (Tier(1, 126_00), Tier(2_250, 113_00))), 1)
    three = {1: 900, 2: 700, 3: 538}
    invoiced = bargain.call_off(three, 1, 0, 900)
    assert invoiced == 900 * 126_00
    four = three | {4: 112}
    assert bargain.total(three) - 2_138 * 113_00 == 2_138 * 13_00
    assert bargain.call_off(four, 4, 0, 112) == 112 * 113_00
    assert bargain.paid_back(four, {1: 900}, {1: invoiced}) == {1: 900 * 13_00}


def test_a_tier_is_reached_by_rising_to_it_only() -> None:
    schedule = Schedule(TierMode.ALL_UNITS, (Tier(10, 5), Tier(20, 4)))
    assert Meter(schedule, 10).rose_from(9)
    assert Meter(schedule, 25).rose_from(12)
    assert not Meter(schedule, 12).rose_from(25)
    assert not Meter(schedule, 25).rose_from(21)
    assert not Meter(schedule, 9).rose_from(0)
