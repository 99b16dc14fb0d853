"""What a protocol assumes: by the engine's own rules, and the counts it follows from."""

from typing import Any

import pytest
import pytest_asyncio

from innohub.db.unit_of_work import Database
from innohub.errors import Invalid
from innohub.identity.actor import SYSTEM
from innohub.market.canonical import digest
from innohub.market.evidence import service as evidence
from innohub.market.evidence.computation import assumptions_of
from innohub.market.evidence.estimators.design import plan_for
from innohub.market.evidence.estimators.engine import _refuse_unused
from innohub.market.evidence.estimators.result import NONE_KNOWN, Assumptions
from innohub.market.evidence.estimators.trial import KpiType
from innohub.market.pilots.assumptions import FIELDS, assumed, overdispersion_of, warnings
from innohub.market.pilots.models import Protocol
from innohub.market.pilots.protocols import COMPUTED_DESIGNS
from tests.market.pilots.cast import Cast, a_cast

NOTHING: dict[str, Any] = {**dict.fromkeys(FIELDS), "baseline_counts": []}
MONTHS = [31, 12, 40, 22, 9, 35, 28, 14, 44, 20]
RATES = [
    {"arm": "treatment", "period": "after", "events": 80, "exposure": 400},
    {"arm": "comparison", "period": "after", "events": 120, "exposure": 400},
]


def test_the_overdispersion_of_a_poisson_process_is_one() -> None:
    # Bortkiewicz (1898), deaths by horse kick in 200 corps-years: mean 0.61, variance 0.611.
    kicks = [0] * 109 + [1] * 65 + [2] * 22 + [3] * 3 + [4]
    assert overdispersion_of(kicks) == pytest.approx(0.611 / 0.61, rel=1e-3)


def test_months_that_differ_by_more_than_chance_give_more_than_one() -> None:
    # Sum of squares 1308.5 over 9, by the mean 25.5.
    assert overdispersion_of(MONTHS) == pytest.approx(1308.5 / 9 / 25.5, rel=1e-2)
    assert overdispersion_of([10] * 12) == 1.0


@pytest.mark.parametrize("counts", [[], [3] * 7, [0] * 12, [0] * 11 + [10**8]])
def test_counts_that_tell_nothing_are_refused(counts: list[int]) -> None:
    with pytest.raises(Invalid) as refusal:
        overdispersion_of(counts)
    assert refusal.value.field == "baseline_counts"


@pytest.mark.parametrize("design", COMPUTED_DESIGNS)
@pytest.mark.parametrize("kpi_type", list(KpiType))
@pytest.mark.parametrize(("field", "value"), list(zip(FIELDS, (2.0, 2.0, 0.5), strict=True)))
def test_what_plays_no_part_is_refused_exactly_where_the_engine_would(
    design: str, kpi_type: KpiType, field: str, value: float
) -> None:
    def refused(check: Any, *given: Any) -> str | None:
        try:
            check(*given)
        except Invalid as error:
            return error.field
        return None

    ours = refused(assumed, NOTHING | {field: value}, kpi_type, design)
    engines = refused(_refuse_unused, Assumptions(**{field: value}), kpi_type, plan_for(design))
    assert ours == engines


def test_the_overdispersion_is_entered_or_worked_out_and_not_both() -> None:
    given = NOTHING | {"baseline_counts": MONTHS}
    assert assumed(given, "count_rate", "cluster_rct")["overdispersion"] == overdispersion_of(
        MONTHS
    )
    with pytest.raises(Invalid, match="not both"):
        assumed(given | {"overdispersion": 2.0}, "count_rate", "cluster_rct")
    with pytest.raises(Invalid, match="counts before play no part") as refusal:
        assumed(given, "mean", "individual_rct")
    assert refusal.value.field == "baseline_counts"


@pytest.mark.parametrize(
    ("kpi_type", "design", "known", "words"),
    [
        ("count_rate", "individual_rct", {}, ["No overdispersion is registered"]),
        ("count_rate", "individual_rct", {"overdispersion": 1.4}, []),
        ("count_rate", "individual_rct", {"overdispersion": 5.5}, ["5.5 times as much"]),
        ("count_rate", "its_with_control", {}, []),
        ("count_rate", "after_only", {}, []),
        ("proportion", "cluster_rct", {}, ["no design effect"]),
        ("proportion", "cluster_rct", {"design_effect": 2.0}, []),
        ("mean", "individual_rct", {}, []),
    ],
)
def test_what_a_reader_must_be_told(
    kpi_type: str, design: str, known: dict[str, float], words: list[str]
) -> None:
    told = warnings(NOTHING | {"kpi_type": kpi_type, "design": design} | known)
    assert len(told) == len(words)
    assert all(word in sentence for word, sentence in zip(words, told, strict=True))


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def test_a_result_is_computed_as_the_locked_protocol_assumes(cast: Cast) -> None:
    rates = {"kpi": "complaints", "unit": "per 1000 employees", "baseline_value": 25}
    pilot, result = await cast.reported(RATES, **rates, baseline_counts=MONTHS)
    phi = overdispersion_of(MONTHS)
    async with cast.database.unit_of_work(SYSTEM.signature()) as work:
        (protocol,) = (await work.session.scalars(_of(pilot.id))).all()
        assert (await evidence.reproduce(work, result.id)).differing == []
    assert protocol.canonical is not None
    assert protocol.canonical["format"] == 4
    assert protocol.canonical["baseline_counts"] == MONTHS
    assert protocol.canonical["overdispersion"] == protocol.overdispersion == phi
    assert digest(protocol.canonical) == protocol.hash
    assert f"Variances are multiplied by {phi:g}" in " ".join(result.notes)


def test_a_protocol_of_an_older_format_assumes_nothing() -> None:
    assert assumptions_of({"format": 2, "kpi": "complaints"}) == NONE_KNOWN


def _of(pilot_id: int) -> Any:
    from sqlalchemy import select

    return select(Protocol).where(Protocol.pilot_id == pilot_id)
