"""A grade that the analyst lowered: with its reason, everywhere, and never raised."""

from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.errors import Invalid
from innohub.identity.actor import SYSTEM
from innohub.market.evidence import commands, service
from innohub.market.evidence.grading import WORDS, Downgrade
from innohub.market.evidence.models import Result, Verdict
from innohub.market.pilots import commands as pilot_commands
from innohub.market.pilots import service as pilots
from innohub.outbox.models import Event
from tests.market.pilots.cast import Cast, a_cast

LOWERED = {
    "grade": 2,
    "grade_reason": "contamination",
    "grade_note": "Half of the comparison group used the tool from week six on.",
}


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def finished(cast: Cast) -> Any:
    pilot = await cast.recorded()
    await cast.step("sro", pilots.finish, pilot_commands.FinishPilot, pilot)
    return pilot


async def report(cast: Cast, pilot: Any, **given: Any) -> Result:
    command = commands.ReportResult.parse({"pilot_id": pilot.id, **given})
    result: Result = await cast.do("analyst", service.report, command)
    return result


async def test_a_lowered_grade_bounds_the_verdict_and_is_told_everywhere(
    cast: Cast, clock: Any
) -> None:
    pilot = await finished(cast)
    result = await report(cast, pilot, **LOWERED)
    assert (result.grade, result.verdict) == (2, Verdict.PROMISING)
    assert result.notes[1] == (
        "The design earns grade 5; the analyst lowered it to 2: the comparison group had the "
        "technology too, in part. Half of the comparison group used the tool from week six on."
    )
    confirm = commands.ConfirmResult.parse({"result_id": result.id})
    await cast.do("second_analyst", service.confirm, confirm)
    await cast.decide(pilot)
    await cast.step("supplier_admin", service.comment, commands.CommentOnResult, pilot)
    clock.pass_days(1)
    async with cast.database.unit_of_work(SYSTEM.signature()) as work:
        assert (await service.reproduce(work, result.id)).differing == []
        events = {event.type: event for event in await work.session.scalars(select(Event))}
    told = events["pilot.result_published"].payload
    assert (told["grade"], told["grade_reason"]) == (2, "contamination")


async def test_a_grade_is_not_raised_nor_kept_for_a_reason(cast: Cast) -> None:
    pilot = await finished(cast)
    with pytest.raises(Invalid, match="may only be lowered") as refusal:
        await report(cast, pilot, **LOWERED | {"grade": 5})
    assert refusal.value.field == "grade"


@pytest.mark.parametrize("missing", ["grade", "grade_reason", "grade_note"])
def test_a_grade_is_lowered_with_reason_and_story_or_not_at_all(missing: str) -> None:
    given = {name: value for name, value in LOWERED.items() if name != missing}
    with pytest.raises(Invalid) as refusal:
        commands.ReportResult.parse({"pilot_id": 1, **given})
    assert refusal.value.field == "grade_note"


def test_a_reason_is_one_of_the_list() -> None:
    with pytest.raises(Invalid) as refusal:
        commands.ReportResult.parse({"pilot_id": 1, **LOWERED, "grade_reason": "a hunch"})
    assert "grade_reason" in {problem.field for problem in refusal.value.problems}
    assert set(WORDS) == set(Downgrade)
