"""Cost and benefit: present values that a book agrees with, and who may say what."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, Denied, Invalid, WrongState
from innohub.market.evidence import service as evidence
from innohub.market.evidence.appraisal.cashflow import Year, worth
from innohub.market.evidence.appraisal.commands import AppraisePilot
from innohub.market.evidence.appraisal.models import Appraisal
from innohub.market.pilots.models import Pilot, PilotStep
from tests.market.pilots.cast import Cast, a_cast

SUMS = st.integers(0, 10**10)
YEARS = st.lists(st.builds(Year, SUMS, SUMS, SUMS), min_size=1, max_size=10)
NONE = Decimal(0)


@pytest.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


def test_discount_factors_are_those_of_the_green_book() -> None:
    """HM Treasury, The Green Book (2022), table 8 (annex A6): 0.9662, 0.9335 … 0.7089 at 3.5%."""
    for place, factor in enumerate(("1.0000", "0.9662", "0.9335", "0.9019", "0.8714", "0.8420")):
        years = [Year(0, 0, 0)] * place + [Year(0, 100_000_000, 0)]
        assert worth(years, NONE).cashable_pence == pytest.approx(
            float(factor) * 100_000_000, abs=5_000
        )


def test_a_worked_example_by_hand() -> None:
    """£1,000 now, £600 in each of two years: 600/1.035 + 600/1.035² - 1,000 = £139.82."""
    found = worth([Year(100_000, 0, 0), Year(0, 60_000, 0), Year(0, 0, 60_000)], NONE)
    assert found.net_pence == 13_982
    assert found.net_cashable_pence == 57_971 - 100_000
    assert found.benefit_cost_ratio == pytest.approx(1.13982, abs=1e-5)
    assert found.payback_months == 12 + 12 * 2 // 3 + 12


def test_optimism_bias_raises_costs_and_nothing_else() -> None:
    years = [Year(100_000, 0, 0), Year(10_000, 80_000, 80_000)]
    plain, biased = worth(years, NONE), worth(years, Decimal(50))
    assert biased.cost_pence == pytest.approx(plain.cost_pence * 1.5, abs=1)
    assert biased.benefit_pence == plain.benefit_pence


@pytest.mark.parametrize(
    ("years", "months"),
    [
        ([Year(0, 100, 0)], 0),
        ([Year(1200, 0, 0), Year(0, 1200, 0)], 24),
        ([Year(1200, 0, 0), Year(0, 2400, 0)], 18),
        ([Year(1200, 0, 0), Year(0, 600, 0)], None),
        ([Year(0, 500, 0), Year(900, 0, 0), Year(0, 800, 0)], 30),
        ([Year(500, 1000, 0), Year(900, 0, 0)], None),
    ],
)
def test_it_pays_back_when_the_account_stays_out_of_the_red(
    years: list[Year], months: int | None
) -> None:
    assert worth(years, NONE).payback_months == months


@given(YEARS, st.integers(2, 50))
def test_ten_times_the_sums_are_worth_ten_times_as_much(years: list[Year], times: int) -> None:
    more = [
        Year(y.cost_pence * times, y.cashable_pence * times, y.non_cashable_pence * times)
        for y in years
    ]
    once, often = worth(years, NONE), worth(more, NONE)
    assert often.net_pence == pytest.approx(once.net_pence * times, abs=3 * times)
    assert often.payback_months == once.payback_months


@given(YEARS)
def test_what_comes_later_is_worth_less(years: list[Year]) -> None:
    now, later = worth(years, NONE), worth([Year(0, 0, 0), *years], NONE)
    assert later.benefit_pence <= now.benefit_pence
    assert later.cost_pence <= now.cost_pence


def said(pilot: Pilot, **changed: Any) -> AppraisePilot:
    return AppraisePilot.parse(
        {
            "pilot_id": pilot.id,
            "price_year": 2026,
            "optimism_bias_percent": "10",
            "years": [{"cost_pence": 100_000}, {"cashable_pence": 250_000}],
            "assumptions": "Prices as quoted; forty files a week.",
        }
        | changed
    )


async def test_an_analyst_appraises_and_every_version_is_kept(cast: Cast) -> None:
    pilot, _ = await cast.reported()
    first: Appraisal = await cast.do("analyst", evidence.appraise, said(pilot))
    second = await cast.do("analyst", evidence.appraise, said(pilot, optimism_bias_percent="0"))
    assert (first.version, second.version) == (1, 2)
    assert (first.cost_pence, second.cost_pence) == (110_000, 100_000)
    kept = await cast.load(Appraisal, first.id)
    assert kept.cost_pence == 110_000
    async with cast.database.session() as session:
        taken = await session.scalars(select(PilotStep.by_name).where(PilotStep.verb == "appraise"))
    assert len(taken.all()) == 2


@pytest.mark.parametrize("part", ["lead", "sro", "supplier_admin"])
async def test_nobody_else_does(cast: Cast, part: str) -> None:
    pilot, _ = await cast.reported()
    before = await cast.fingerprint()
    with pytest.raises(Denied):
        await cast.do(part, evidence.appraise, said(pilot))
    assert await cast.fingerprint() == before


async def test_a_pilot_that_runs_has_nothing_to_appraise(cast: Cast) -> None:
    pilot = await cast.running()
    with pytest.raises(WrongState, match="once the pilot has ended"):
        await cast.do("analyst", evidence.appraise, said(pilot))


async def test_whoever_saw_an_older_pilot_looks_again(cast: Cast) -> None:
    pilot, _ = await cast.reported()
    with pytest.raises(Conflict):
        await cast.do("analyst", evidence.appraise, said(pilot, revision=1))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"years": []}, "years"),
        ({"years": [{"cost_pence": -1}]}, "years.0.cost_pence"),
        ({"years": [{"cost_pence": 10**13}]}, "years.0.cost_pence"),
        ({"years": [{}]}, None),
        ({"years": [{"cost_pence": 1}] * 11}, "years"),
        ({"optimism_bias_percent": None}, "optimism_bias_percent"),
        ({"optimism_bias_percent": "-5"}, "optimism_bias_percent"),
        ({"price_year": 1066}, "price_year"),
        ({"assumptions": " "}, "assumptions"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(changed: dict[str, Any], field: str | None) -> None:
    class Known:
        id = 1

    with pytest.raises(Invalid) as refusal:
        said(Known, **changed)  # type: ignore[arg-type]
    assert refusal.value.problems[0].field == field
