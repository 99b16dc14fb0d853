"""Totals of several forces added up: as if everybody had been counted in one place."""

import math
import statistics
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innohub.errors import Invalid
from innohub.market.evidence.estimators.addition import added
from innohub.market.evidence.estimators.trial import (
    Arm,
    CountRate,
    KpiType,
    Mean,
    Period,
    Proportion,
    TrialData,
)
from innohub.market.evidence.observations import CellInput, from_cells, refuse_incomplete

TREATED, COMPARED = (Arm.TREATMENT, Period.AFTER), (Arm.COMPARISON, Period.AFTER)


def test_counts_are_summed_and_a_group_that_one_force_lacks_adds_nothing() -> None:
    kent = TrialData(
        KpiType.PROPORTION, {TREATED: Proportion(80, 400), COMPARED: Proportion(40, 400)}
    )
    essex = TrialData(KpiType.PROPORTION, {COMPARED: Proportion(5, 100)})
    assert added([kent, essex]).cells == {
        TREATED: Proportion(80, 400),
        COMPARED: Proportion(45, 500),
    }


def test_rates_are_summed_with_their_exposures() -> None:
    parts = [TrialData(KpiType.COUNT_RATE, {TREATED: CountRate(3, 0.1)}) for _ in range(10)]
    assert added(parts).cells == {TREATED: CountRate(30, 1.0)}


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(-1000, 1000), min_size=2, max_size=9), min_size=2, max_size=4))
def test_means_come_out_as_from_all_units_at_once(places: list[list[int]]) -> None:
    def described(values: list[int]) -> Mean:
        mean, sd = float(statistics.mean(values)), statistics.stdev(values)
        return Mean(mean=mean, sd=sd, n=len(values))

    parts = [TrialData(KpiType.MEAN, {TREATED: described(values)}) for values in places]
    (found,) = added(parts).cells.values()
    whole = described([value for values in places for value in values])
    assert isinstance(found, Mean)
    assert found.n == whole.n
    assert math.isclose(found.mean, whole.mean, rel_tol=1e-9, abs_tol=1e-9)
    assert math.isclose(found.sd, whole.sd, rel_tol=1e-9, abs_tol=1e-9)


def test_one_force_alone_is_left_as_it_is() -> None:
    alone = TrialData(KpiType.MEAN, {TREATED: Mean(mean=0.1, sd=0.2, n=3)})
    assert added([alone]) is alone
    with pytest.raises(ValueError, match="nothing"):
        added([])


def test_data_of_some_groups_are_taken_only_where_they_may_be_partial() -> None:
    cells = [
        CellInput("treatment", "after", events=80, n=400),
        CellInput("comparison", "after"),
    ]
    with pytest.raises(Invalid):
        from_cells(cells, "proportion", "individual_rct")
    data = from_cells(cells, "proportion", "individual_rct", partial=True)
    assert list(data.cells) == [TREATED]
    with pytest.raises(Invalid, match="“comparison, after” is missing"):
        refuse_incomplete(data, "individual_rct")


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ({"events": None}, "at least one group"),
        ({"events": 500, "n": 400}, "more than n"),
        ({"events": 5}, "problem"),
    ],
)
def test_partial_data_are_checked_as_strictly(cell: dict[str, Any], why: str) -> None:
    cells = [CellInput("treatment", "after", **cell)]
    with pytest.raises(Invalid) as refusal:
        from_cells(cells, "proportion", "individual_rct", partial=True)
    told = " ".join([refusal.value.message, *(p.message for p in refusal.value.problems)])
    assert why in told
