"""Further KPIs on a protocol: who registers which, until when, and what the lock makes of them."""

from typing import Any

import pytest

from innohub.errors import Conflict, Denied, InnoHubError, Invalid, NotFound, WrongState
from innohub.market.canonical import digest
from innohub.market.pilots import commands, service
from innohub.market.pilots.models import Protocol
from innohub.market.pilots.outcomes.commands import AddOutcome, RemoveOutcome
from innohub.market.pilots.outcomes.models import ProtocolOutcome
from tests.market.evidence.outcomes import EQUALITY, SAFETY, SECONDARY, add
from tests.market.pilots.cast import Cast


async def test_a_kpi_takes_its_facts_from_the_dictionary_and_its_design_from_the_protocol(
    cast: Cast,
) -> None:
    pilot, protocol = await cast.with_protocol()
    outcome = await add(cast, pilot, **SECONDARY, minimum_important_effect=0.02)
    assert (outcome.kpi_type, outcome.direction, outcome.unit, outcome.design) == (
        "proportion", "lower_is_better", "percent", "individual_rct",
    )  # fmt: skip
    assert (await cast.load(Protocol, protocol.id)).revision == protocol.revision + 1


async def test_the_lock_hashes_every_kpi_and_ends_all_changes(cast: Cast) -> None:
    pilot, protocol = await cast.with_protocol()
    await add(cast, pilot, **SECONDARY)
    alarms = await add(cast, pilot, **SAFETY)
    lock = commands.LockProtocol.parse({"pilot_id": pilot.id})
    await cast.do("second_analyst", service.lock_protocol, lock)
    locked = await cast.load(Protocol, protocol.id)
    assert locked.canonical is not None
    assert [one["kpi"] for one in locked.canonical["outcomes"]] == [
        "repeat_victimisation", "false_positive_alert_rate",
    ]  # fmt: skip
    assert locked.canonical["outcomes"][1]["limit_high"] == 0.05
    assert digest(locked.canonical) == locked.hash
    with pytest.raises(WrongState):
        await add(cast, pilot, **EQUALITY)
    gone = RemoveOutcome.parse({"outcome_id": alarms.id, "revision": locked.revision})
    with pytest.raises(WrongState):
        await cast.do("analyst", service.remove_outcome, gone)


async def test_whoever_registered_a_kpi_last_does_not_lock_it(cast: Cast) -> None:
    pilot, _ = await cast.with_protocol()
    await add(cast, pilot, "second_analyst", **SECONDARY)
    lock = commands.LockProtocol.parse({"pilot_id": pilot.id})
    with pytest.raises(Denied, match="second person"):
        await cast.do("second_analyst", service.lock_protocol, lock)


async def test_what_was_read_before_a_kpi_was_added_is_not_locked(cast: Cast) -> None:
    pilot, protocol = await cast.with_protocol()
    await add(cast, pilot, **SECONDARY)
    lock = commands.LockProtocol.parse({"pilot_id": pilot.id, "revision": protocol.revision})
    with pytest.raises(Conflict):
        await cast.do("second_analyst", service.lock_protocol, lock)


async def test_a_kpi_is_taken_off_again_before_the_lock(cast: Cast) -> None:
    pilot, protocol = await cast.with_protocol()
    outcome = await add(cast, pilot, **SECONDARY)
    revision = (await cast.load(Protocol, protocol.id)).revision
    stale = RemoveOutcome.parse({"outcome_id": outcome.id, "revision": revision - 1})
    with pytest.raises(Conflict):
        await cast.do("analyst", service.remove_outcome, stale)
    command = RemoveOutcome.parse({"outcome_id": outcome.id, "revision": revision})
    await cast.do("analyst", service.remove_outcome, command)
    async with cast.database.session() as session:
        assert await session.get(ProtocolOutcome, outcome.id) is None
    with pytest.raises(NotFound):
        await cast.do("analyst", service.remove_outcome, command)


async def test_a_kpi_is_registered_once_for_each_group(cast: Cast) -> None:
    pilot, _ = await cast.with_protocol()
    await add(cast, pilot, **EQUALITY)
    await add(cast, pilot, **EQUALITY | {"population": "Files about men"})
    with pytest.raises(Conflict, match="already"):
        await add(cast, pilot, **EQUALITY | {"population": "files about WOMEN"})


async def test_kpis_join_a_protocol_that_is_written(cast: Cast) -> None:
    pilot = await cast.approved()
    with pytest.raises(WrongState, match="Write the protocol"):
        await add(cast, pilot, **SECONDARY, revision=1)


@pytest.mark.parametrize("part", ["supplier_admin", "other_analyst", "lead", "adviser", "stranger"])
async def test_only_analysts_of_the_force_register_kpis(cast: Cast, part: str) -> None:
    pilot, _ = await cast.with_protocol()
    before = await cast.fingerprint()
    with pytest.raises(InnoHubError) as refusal:
        await add(cast, pilot, part, **SECONDARY)
    assert refusal.value.code in {"denied", "not_found", "not_signed_in"}
    assert await cast.fingerprint() == before


WRONG = {
    "an unknown KPI": (SECONDARY | {"kpi": "no_such_kpi"}, "kpi"),
    "one that no effect is computed for": (SECONDARY | {"kpi": "user_satisfaction"}, "kpi"),
    "the primary KPI again": (SECONDARY | {"kpi": "case_file_quality_pass"}, "kpi"),
    "a group without an equality KPI": (SECONDARY | {"population": "Women"}, "population"),
    "an equality KPI of nobody": ({**EQUALITY, "population": None}, "population"),
    "a safety KPI without a limit": ({**SAFETY, "limit_high": None}, "limit_high"),
    "a secondary KPI with one": (SECONDARY | {"limit_high": 0.5}, "limit_high"),
    "a share over all": (SAFETY | {"limit_high": 5}, "limit_high"),
    "limits that cross": (SAFETY | {"limit_low": 0.2}, "limit_high"),
    "a band of one limit": (
        EQUALITY | {"kpi": "disparity_ratio", "limit_low": 0.8}, "limit_high",
    ),
    "another unit": (SECONDARY | {"unit": "victims"}, "unit"),
    "a limit on what analysts estimate": (
        SAFETY | {"design": "stepped_wedge_randomised"}, "design",
    ),
    "a design that nobody knows": (SECONDARY | {"design": "guesswork"}, "design"),
    "a change that cannot be": (
        SECONDARY | {"minimum_important_effect": 3}, "minimum_important_effect",
    ),
    "a negative rate": (
        {"role": "safety_harm", "kpi": "use_of_force", "limit_high": -1}, "limit_high",
    ),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_cannot_be_registered_is_refused_by_its_field(cast: Cast, wrong: str) -> None:
    given, field = WRONG[wrong]
    pilot, _ = await cast.with_protocol()
    before = await cast.fingerprint()
    with pytest.raises(Invalid) as refusal:
        await add(cast, pilot, **given)
    assert field in [problem.field for problem in refusal.value.problems]
    assert await cast.fingerprint() == before


@pytest.mark.parametrize(
    "given", [{"minimum_important_effect": 0}, {"limit_high": "inf"}, {"role": "primary"}]
)
def test_numbers_that_are_none_and_roles_that_are_none_do_not_parse(given: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        AddOutcome.parse({"pilot_id": 1, "revision": 1, **SAFETY, **given})
