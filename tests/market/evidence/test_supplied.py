"""Estimates that the analysts supply: taken as they are, labelled, judged by the same rules."""

import math
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from innohub.db.unit_of_work import Database
from innohub.errors import Denied, Invalid, NotFound
from innohub.identity.actor import SYSTEM
from innohub.market.evidence import commands, service
from innohub.market.evidence.estimators.result import Method, Scale
from innohub.market.evidence.estimators.supplied import Supplied, estimate
from innohub.market.evidence.estimators.trial import KpiType
from innohub.market.evidence.models import DataSource, TrialDataset, Verdict
from innohub.market.pilots import commands as pilot_commands
from innohub.market.pilots import service as pilots
from innohub.market.pilots.models import Pilot
from tests.market.evidence.outcomes import (
    EQUALITY,
    SECONDARY,
    confirm,
    effects,
    finish,
    running_with,
)
from tests.market.pilots.cast import Cast, a_cast

quick = settings(max_examples=80, deadline=None, derandomize=True)
SAID = {"n": 9000, "method": "Mixed model", "code_reference": "wedge, version 1.2"}
DIFFERENCE = {
    "scale": "risk_difference", "estimate": 0.08, "standard_error": 0.02, **SAID
}  # fmt: skip


def supplied(kpi_type: KpiType = KpiType.PROPORTION, **given: Any) -> Supplied:
    return Supplied(kpi_type=kpi_type, **DIFFERENCE | given)


def test_a_published_estimate_keeps_its_interval_and_gets_its_p() -> None:
    # Hemming, Haines, Chilton, Girling and Lilford (2015) BMJ 350:h391 tell the analysis of a
    # stepped wedge; the number is of Altman and Bland (2011) BMJ 343:d2304: a ratio of 0.81 with
    # the interval 0.70 to 0.94 has a p value of 0.005, its logarithm a standard error of 0.075.
    found = estimate(
        Supplied(
            KpiType.COUNT_RATE, "rate_ratio", 0.81, 500, "As printed", "none", None, 0.70, 0.94
        )
    )
    assert (found.display.lower, found.display.upper) == (pytest.approx(0.70), pytest.approx(0.94))
    assert found.p_value == pytest.approx(0.005, abs=5e-4)
    assert (found.scale, found.method) == (Scale.LOG_RATE_RATIO, Method.ANALYST_SUPPLIED)
    again = estimate(
        Supplied(KpiType.COUNT_RATE, "rate_ratio", 0.81, 500, "As printed", "none", 0.075)
    )
    assert again.display.lower == pytest.approx(0.70, abs=0.005)


def test_a_ratio_and_its_logarithm_are_one_estimate() -> None:
    given = {"standard_error": 0.1, **SAID}
    ratio = estimate(Supplied(KpiType.COUNT_RATE, "rate_ratio", 0.8, **given))  # type: ignore[arg-type]
    logs = Supplied(KpiType.COUNT_RATE, "log_rate_ratio", math.log(0.8), **given)  # type: ignore[arg-type]
    assert estimate(logs) == ratio


def test_it_says_whose_it_is_and_where_the_code_is() -> None:
    (note,) = estimate(supplied()).notes
    assert note.startswith("Analyst-supplied: the hub did not compute this estimate")
    assert "Method: Mixed model. Code: wedge, version 1.2." in note


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"scale": "rate_ratio"}, "scale"),
        ({"estimate": 8.0}, "estimate"),
        ({"estimate": math.nan}, "estimate"),
        ({"estimate": math.inf}, "estimate"),
        ({"standard_error": None}, "standard_error"),
        ({"standard_error": 0.0}, "standard_error"),
        ({"standard_error": -1.0}, "standard_error"),
        ({"lower": 0.01, "upper": 0.2}, "standard_error"),
        ({"standard_error": None, "lower": 0.01}, "upper"),
        ({"standard_error": None, "upper": 0.2}, "lower"),
        ({"standard_error": None, "lower": 0.1, "upper": 0.2}, "lower"),
        ({"standard_error": None, "lower": 0.2, "upper": 0.01}, "lower"),
        ({"n": 1}, "n"),
    ],
)
def test_an_estimate_that_cannot_be_is_refused_with_its_field(
    given: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        supplied(**given)
    assert field in {problem.field for problem in refusal.value.problems}


numbers = st.one_of(st.none(), st.floats(), st.sampled_from([0.0, 1e12, -1e12, 1e-300]))


@quick
@given(
    st.sampled_from(["risk_difference", "rate_ratio", "log_rate_ratio", "mean_difference"]),
    st.sampled_from(list(KpiType)), numbers.filter(lambda v: v is not None), numbers, numbers,
    numbers,
)  # fmt: skip
def test_anything_gives_a_finite_answer_or_a_refusal(
    scale: str, kpi: KpiType, value: float, error: float | None, lower: float | None,
    upper: float | None,
) -> None:  # fmt: skip
    try:
        found = estimate(Supplied(kpi, scale, value, 9, "A model", "Code", error, lower, upper))
    except Invalid:
        return
    assert all(math.isfinite(v) for v in (found.effect, found.lower, found.upper))
    assert found.p_value is not None
    assert 0 <= found.p_value <= 1


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def supply(cast: Cast, pilot: Pilot, part: str = "analyst", **given: Any) -> TrialDataset:
    command = commands.SupplyEstimate.parse({"pilot_id": pilot.id, **DIFFERENCE, **given})
    stored: TrialDataset = await cast.do(part, service.supply, command)
    return stored


async def test_a_stepped_wedge_goes_from_its_estimate_to_a_confirmed_result(cast: Cast) -> None:
    pilot = await cast.running(design="stepped_wedge_randomised")
    stored = await supply(cast, pilot)
    assert (stored.source, stored.version) == (DataSource.ANALYST, 1)
    assert (await supply(cast, pilot)).version == 1
    with pytest.raises(Invalid) as refusal:
        await supply(cast, pilot, estimate=0.09)
    assert refusal.value.field == "correction_reason"
    corrected = {"estimate": 0.09, "correction_reason": "The last step was left out before."}
    assert (await supply(cast, pilot, **corrected)).version == 2
    await cast.step("sro", pilots.finish, pilot_commands.FinishPilot, pilot)
    result = await cast.compute(pilot)
    assert (result.effect, result.grade, result.verdict) == (0.09, 5, Verdict.WORKED)
    assert result.method == "analyst_supplied"
    assert result.finding.endswith("as the analysts estimated it.")
    confirm = commands.ConfirmResult.parse({"result_id": result.id})
    with pytest.raises(Denied, match="second analyst"):
        await cast.do("analyst", service.confirm, confirm)
    await cast.do("second_analyst", service.confirm, confirm)
    async with cast.database.unit_of_work(SYSTEM.signature()) as work:
        assert (await service.reproduce(work, result.id)).differing == []


async def test_a_further_kpi_has_an_estimate_of_its_own_beside_the_primary_one(cast: Cast) -> None:
    wedge = {"design": "stepped_wedge_randomised"}
    women = EQUALITY | {"limit_low": None}
    pilot, (repeats, few) = await running_with(cast, SECONDARY, women, **wedge)
    await supply(cast, pilot)
    own = {"outcome_id": repeats.id, "standard_error": None, "estimate": -0.1}
    own |= {"lower": -0.17, "upper": -0.03}
    stored = await supply(cast, pilot, **own)
    assert (stored.version, stored.outcome_id) == (2, repeats.id)
    assert (await supply(cast, pilot, **own)).version == 2
    await supply(cast, pilot, outcome_id=few.id, n=4)
    await finish(cast, pilot)
    result = await cast.compute(pilot)
    assert result.effect == 0.08
    beside, withheld = await effects(cast, result)
    assert (beside.effect, beside.lower, beside.upper) == (-0.1, -0.17, -0.03)
    assert (beside.method, beside.grade, beside.breach) == ("analyst_supplied", 5, None)
    assert beside.finding.endswith("as the analysts estimated it.")
    assert withheld.effect is None
    assert withheld.finding.endswith("because a group counts fewer than 5.")
    await confirm(cast, result)
    async with cast.database.unit_of_work(SYSTEM.signature()) as work:
        found = await service.reproduce(work, result.id)
    assert found.differing == []
    assert [one.differing for one in found.beside] == [[], []]


async def test_a_further_kpi_that_the_hub_computes_takes_no_estimate(cast: Cast) -> None:
    wedge = {"design": "stepped_wedge_randomised"}
    pilot, (repeats,) = await running_with(cast, SECONDARY | {"design": "before_after"}, **wedge)
    with pytest.raises(Invalid, match="computes the effect of this design itself"):
        await supply(cast, pilot, outcome_id=repeats.id)
    with pytest.raises(NotFound):
        await supply(cast, pilot, outcome_id=repeats.id + 1)


async def test_a_design_that_the_hub_computes_takes_no_estimate(cast: Cast) -> None:
    pilot = await cast.running()
    with pytest.raises(Invalid, match="computes the effect of this design itself"):
        await supply(cast, pilot)
    with pytest.raises(Denied):
        await supply(cast, pilot, "lead")


async def test_a_design_with_a_model_of_its_own_takes_no_totals(cast: Cast) -> None:
    pilot = await cast.running(design="regression_discontinuity")
    cell = {"arm": "treatment", "period": "after", "events": 1, "n": 2}
    with pytest.raises(Invalid, match="the analysts supply its estimate"):
        await cast.record(pilot, [cell])
