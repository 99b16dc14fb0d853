"""EMMIE by site: who tells it, when, and that nothing told is ever lost."""

from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, Denied, Invalid, NotFound, WrongState
from innohub.market.evidence import service as evidence
from innohub.market.evidence.emmie.commands import RecordEmmie
from innohub.market.evidence.emmie.models import NOTES, EmmieRecord
from innohub.market.evidence.publication import publish_due
from innohub.market.pilots import commands, service
from innohub.market.pilots.models import Pilot, PilotSite, PilotState, PilotStep
from innohub.outbox.models import AuditEntry
from tests.conftest import Clock
from tests.market.pilots.cast import Cast, a_cast

WHY = "The trainer's days were left out of the costs."


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def site_of(cast: Cast, pilot: Pilot, force: str = "kent") -> PilotSite:
    async with cast.database.session() as session:
        sites = await session.scalars(select(PilotSite).where(PilotSite.pilot_id == pilot.id))
        return sites.one()


def said(site: Any, **given: Any) -> RecordEmmie:
    fields = {
        "site_id": site.id,
        "mechanism": "Officers check proposals in place of drawing boxes.",
        "mechanism_quality": 3,
    }
    return RecordEmmie.parse(fields | given)


async def told(cast: Cast, pilot: Pilot, part: str = "lead", **given: Any) -> EmmieRecord:
    command = said(await site_of(cast, pilot), **given)
    record: EmmieRecord = await cast.do(part, evidence.record_emmie, command)
    return record


async def published(cast: Cast, clock: Clock) -> Pilot:
    pilot, _ = await cast.decided()
    clock.pass_days(30)
    assert await publish_due(cast.database) == 1
    return pilot


@pytest.mark.parametrize("part", ["lead", "sro", "analyst"])
async def test_who_runs_or_analyses_the_pilot_tells_of_its_site(cast: Cast, part: str) -> None:
    pilot = await cast.running()
    record = await told(cast, pilot, part)
    assert (record.version, record.mechanism_quality, record.economics) == (1, 3, None)
    assert record.recorded_by_id == cast[part].person_id
    async with cast.database.session() as session:
        steps = await session.scalars(
            select(PilotStep.reason).where(PilotStep.verb == "record_emmie")
        )
        entries = await session.scalars(
            select(AuditEntry).where(AuditEntry.action == "pilot:record_emmie")
        )
        assert steps.all() == ["Medway"]
        assert len(entries.all()) >= 1


@pytest.mark.parametrize(
    "part",
    [
        "chief", "assurance_reviewer", "force_viewer", "other_lead", "other_analyst",
        "supplier_admin", "adviser", "board_member", "force_client", "stranger",
    ],
)  # fmt: skip
async def test_nobody_else_does(cast: Cast, part: str) -> None:
    pilot = await cast.running()
    before = await cast.fingerprint()
    with pytest.raises((Denied, NotFound)):
        await told(cast, pilot, part)
    assert await cast.fingerprint() == before


async def test_a_joined_force_tells_of_its_own_site_and_of_no_other(cast: Cast) -> None:
    pilot = await cast.approved()
    join = {"site": "Thanet"}
    await cast.step("other_lead", service.join, commands.JoinPilot, pilot, **join)
    await cast.put(pilot, state=PilotState.RUNNING)
    async with cast.database.session() as session:
        sites = await session.scalars(select(PilotSite).where(PilotSite.pilot_id == pilot.id))
        of = {site.name: site for site in sites}
    await cast.do("other_lead", evidence.record_emmie, said(of["Thanet"]))
    for part, site in (("other_lead", "Medway"), ("lead", "Thanet")):
        with pytest.raises(Denied):
            await cast.do(part, evidence.record_emmie, said(of[site]))


async def test_before_it_has_begun_there_is_nothing_to_tell(cast: Cast) -> None:
    pilot = await cast.locked()
    with pytest.raises(WrongState, match="once it has begun"):
        await told(cast, pilot)


async def test_a_site_that_is_not_there_is_not_found(cast: Cast) -> None:
    class Nowhere:
        id = 999_999

    with pytest.raises(NotFound):
        await cast.do("lead", evidence.record_emmie, said(Nowhere))


async def test_each_record_is_a_version_and_the_one_before_is_kept(cast: Cast) -> None:
    pilot = await cast.running()
    first = await told(cast, pilot)
    second = await told(
        cast, pilot, "analyst", revision=1, mechanism=None, mechanism_quality=0,
        economics="A licence each.", economics_quality=2,
    )  # fmt: skip
    assert (second.version, second.mechanism, second.reason) == (2, None, None)
    assert (await cast.load(EmmieRecord, first.id)).mechanism == first.mechanism


@pytest.mark.parametrize("revision", [None, 0, 2])
async def test_only_who_has_read_the_newest_replaces_it(cast: Cast, revision: int | None) -> None:
    pilot = await cast.running()
    await told(cast, pilot)
    with pytest.raises(Conflict):
        await told(cast, pilot, "sro", revision=revision)


async def test_the_first_record_replaces_none(cast: Cast) -> None:
    pilot = await cast.running()
    with pytest.raises(Conflict):
        await told(cast, pilot, revision=1)


async def test_what_was_public_is_replaced_with_a_reason(cast: Cast, clock: Clock) -> None:
    pilot = await published(cast, clock)
    await told(cast, pilot)
    with pytest.raises(Invalid) as caught:
        await told(cast, pilot, revision=1)
    assert caught.value.field == "reason"
    second = await told(cast, pilot, revision=1, reason=WHY)
    assert (second.version, second.reason) == (2, WHY)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"mechanism_quality": 0}, "mechanism_quality"),
        ({"mechanism_quality": 5}, "mechanism_quality"),
        ({"mechanism_quality": -1}, "mechanism_quality"),
        ({"economics_quality": 2}, "economics_quality"),
        ({"economics": "A licence each."}, "economics_quality"),
        ({"mechanism": "x" * 5_001}, "mechanism"),
        ({"mechanism": " ", "mechanism_quality": ""}, None),
        ({"reason": "Typo."}, "reason"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(changed: dict[str, Any], field: str | None) -> None:
    class Known:
        id = 1

    with pytest.raises(Invalid) as refusal:
        said(Known, **changed)
    assert [problem.field for problem in refusal.value.problems] == [field]


def test_the_four_notes_are_those_of_the_decision() -> None:
    from innohub.market.evidence.commands import EMMIE

    assert NOTES == EMMIE
