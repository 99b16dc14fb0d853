"""The one sentence: true, short, and in words."""

import pytest

from innohub.market.evidence.estimators.design import (
    COMPARED,
    COMPARED_BEFORE,
    TREATED,
    TREATED_BEFORE,
)
from innohub.market.evidence.estimators.engine import estimate
from innohub.market.evidence.estimators.trial import (
    Cell,
    CountRate,
    Key,
    KpiType,
    Mean,
    Proportion,
    TrialData,
)
from innohub.market.evidence.finding import sentence

TYPES = {CountRate: KpiType.COUNT_RATE, Mean: KpiType.MEAN, Proportion: KpiType.PROPORTION}


def said(cells: dict[Key, Cell], design: str, kpi: str, unit: str) -> str:
    data = TrialData(TYPES[type(next(iter(cells.values())))], cells)
    return sentence(data, estimate(data, design), design, kpi=kpi, unit=unit)


def test_two_groups_are_set_side_by_side() -> None:
    cells: dict[Key, Cell] = {TREATED: CountRate(8, 489), COMPARED: CountRate(17, 499)}
    assert said(cells, "cluster_rct", "use of force", "per 1000 shifts") == (
        "Use of force: 16.4 per 1,000 shifts with the technology and 34.1 without it, 52% lower "
        "(95% interval 79% lower to 11% higher, which includes no difference)."
    )


def test_before_and_after_says_that_nothing_was_compared() -> None:
    cells: dict[Key, Cell] = {TREATED_BEFORE: Proportion(56, 70), TREATED: Proportion(48, 80)}
    assert said(cells, "before_after", "Repeat victimisation", "percent") == (
        "Repeat victimisation fell from 80.0% to 60.0%: 20.0 percentage points lower (95% interval "
        "5.2 to 33.4 percentage points lower), with no comparison group."
    )


def test_a_change_is_told_against_the_comparisons() -> None:
    cells: dict[Key, Cell] = {
        TREATED_BEFORE: CountRate(50, 12),
        TREATED: CountRate(30, 12),
        COMPARED_BEFORE: CountRate(60, 12),
        COMPARED: CountRate(55, 12),
    }
    assert said(cells, "difference_in_differences", "Recorded crime", "offences") == (
        "Recorded crime fell from 50 to 30 offences with the technology, and fell from 60 to 55 "
        "without it: against that comparison, 35% lower (95% interval 63% lower to 17% higher, "
        "which includes no difference)."
    )


def test_means_keep_their_unit() -> None:
    cells: dict[Key, Cell] = {TREATED: Mean(8.25, 2, 400), COMPARED: Mean(11.5, 2, 400)}
    assert said(cells, "individual_rct", "emergency response", "minutes") == (
        "Emergency response: 8.25 minutes with the technology and 11.5 without it, 3.25 minutes "
        "lower (95% interval 2.97 to 3.53 minutes lower)."
    )


def test_pounds_are_written_as_pounds() -> None:
    cells: dict[Key, Cell] = {TREATED: Mean(1412.5, 90, 100), COMPARED: Mean(980.1, 90, 100)}
    assert said(cells, "individual_rct", "Cost per case", "GBP").startswith(
        "Cost per case: £1,412 with the technology and £980.10 without it, £432.40 higher"
    )


def test_a_level_alone_claims_no_effect() -> None:
    assert said({TREATED: Proportion(3, 4)}, "after_only", "Uptime", "percent") == (
        "Uptime: 75.0%; there was nothing to compare it with."
    )


def test_counts_over_unequal_exposure_are_shown_as_rates() -> None:
    cells: dict[Key, Cell] = {TREATED_BEFORE: CountRate(50, 10), TREATED: CountRate(30, 12)}
    assert said(cells, "before_after", "Recorded crime", "offences").startswith(
        "Recorded crime fell from 5.00 to 2.50 offences for each unit of exposure: 50% lower"
    )


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (CountRate(100, 10), "stayed at 10.0 per 1 shift: no different"),
        (CountRate(900, 10), "rose from 10.0 to 90.0 per 1 shift: 9.0 times as high"),
        (CountRate(0, 10), "fell from 10.0 to 0 per 1 shift: over 99% lower"),
    ],
)
def test_no_change_and_large_changes_have_their_own_words(after: CountRate, words: str) -> None:
    cells: dict[Key, Cell] = {TREATED_BEFORE: CountRate(100, 10), TREATED: after}
    assert words in said(cells, "before_after", "Complaints", "per 1 shift")


def test_a_change_under_one_per_cent_is_not_called_nothing() -> None:
    cells: dict[Key, Cell] = {TREATED_BEFORE: CountRate(10000, 1), TREATED: CountRate(9990, 1)}
    assert "under 1% lower" in said(cells, "before_after", "Complaints", "complaints")
