"""A result that nobody reports: its label, what it blocks, and the owner's explanation."""

import pytest
from sqlalchemy import Date, literal, select

from innohub.errors import Conflict, Denied, InnoHubError, WrongState
from innohub.identity.models import OrganisationKind, Role
from innohub.market.pilots import commands, service
from innohub.market.pilots.models import Pilot, PilotState, PilotStep, Protocol
from innohub.notices.models import Notice
from tests.conftest import Clock
from tests.factories import a_supplier, an_organisation, somebody
from tests.market.pilots.cast import Cast, a_technology, request_fields

WHY = "The crime records of two months are being restored from backup."


async def overdue(cast: Cast, clock: Clock, **given: object) -> Pilot:
    """Kent's pilot, thirty-one days after its result was due."""
    pilot = await cast.running(**given)
    async with cast.database.session() as session:
        due = await session.scalar(
            select(Protocol.result_due_on).where(Protocol.pilot_id == pilot.id)
        )
    assert due is not None
    clock.pass_days((due - clock.now.date()).days + service.GRACE.days + 1)
    return pilot


async def is_unreported(cast: Cast, pilot: Pilot, clock: Clock) -> bool:
    rule = service.unreported(Pilot, literal(clock.now.date(), Date))
    async with cast.database.session() as session:
        return await session.scalar(select(Pilot.id).where(Pilot.id == pilot.id, rule)) is not None


async def explain(cast: Cast, pilot: Pilot, part: str = "sro") -> None:
    await cast.step(part, service.explain_overdue, commands.ExplainOverdue, pilot, reason=WHY)


async def request(cast: Cast, part: str = "lead", **given: object) -> Pilot:
    fields = request_fields(cast, overlap_choice="independent_check", **given)
    command = commands.RequestPilot.parse(fields)
    pilot: Pilot = await cast.do(part, service.request, command)
    return pilot


async def test_a_result_is_unreported_from_the_thirty_first_day_on(
    cast: Cast, clock: Clock
) -> None:
    pilot = await overdue(cast, clock)
    assert await is_unreported(cast, pilot, clock)
    clock.pass_days(-1)
    assert not await is_unreported(cast, pilot, clock)


@pytest.mark.parametrize("state", [PilotState.REPORTED, PilotState.DECIDED, PilotState.PUBLISHED])
async def test_what_is_reported_is_not(cast: Cast, clock: Clock, state: PilotState) -> None:
    pilot = await overdue(cast, clock)
    await cast.put(pilot, state=state, reported_at=clock.now)
    assert not await is_unreported(cast, pilot, clock)
    await request(cast)


async def test_the_force_begins_nothing_new_with_that_supplier(cast: Cast, clock: Clock) -> None:
    proposed = await cast.do(
        "lead", service.propose, commands.ProposePilot.parse(request_fields(cast))
    )
    late = await overdue(cast, clock, overlap_choice="independent_check")
    technology = await a_technology(cast.database, cast.supplier)
    before = await cast.fingerprint()
    for given in ({}, {"technology_id": technology.id}):
        with pytest.raises(WrongState, match="was due on") as refusal:
            await request(cast, **given)
        assert refusal.value.address == f"/pilots/{late.id}"
        assert late.title in refusal.value.message
    with pytest.raises(WrongState, match="was due on"):
        await cast.step("lead", service.check_overlap, commands.CheckOverlap, proposed)
    another = commands.ProposePilot.parse(request_fields(cast))
    with pytest.raises(WrongState, match="was due on"):
        await cast.do("lead", service.propose, another)
    assert await cast.fingerprint() == before


async def test_nor_does_it_join_another_forces_pilot_with_that_supplier(
    cast: Cast, clock: Clock
) -> None:
    await overdue(cast, clock)
    theirs = await request(cast, "other_lead")
    with pytest.raises(WrongState, match="was due on"):
        await cast.step("lead", service.join, commands.JoinPilot, theirs, site="Medway")


async def test_other_suppliers_and_other_forces_are_not_touched(cast: Cast, clock: Clock) -> None:
    await overdue(cast, clock)
    elsewhere = await a_technology(cast.database, await a_supplier(cast.database))
    await request(cast, technology_id=elsewhere.id)
    await request(cast, "other_lead")


async def test_the_owner_s_explanation_is_kept_told_of_and_lifts_the_block(
    cast: Cast, clock: Clock
) -> None:
    company = await an_organisation(cast.database, OrganisationKind.COMPANY)
    officer = await somebody(cast.database, company, Role.PROGRAMME_OFFICER)
    pilot = await overdue(cast, clock)
    await explain(cast, pilot)
    stored = await cast.load(Pilot, pilot.id)
    assert (stored.overdue_explanation, stored.overdue_explained_at) == (WHY, clock.now)
    assert await is_unreported(cast, pilot, clock)
    async with cast.database.session() as session:
        told = select(Notice.text).where(Notice.person_id == officer.person.id)
        assert WHY in str((await session.scalars(told)).one())
        last = select(PilotStep).order_by(PilotStep.id.desc()).limit(1)
        step = (await session.scalars(last)).one()
    assert (step.verb, step.by_name, step.reason) == ("explain_overdue", cast["sro"].name, WHY)
    await request(cast)


@pytest.mark.parametrize("part", ["lead", "analyst", "other_sro", "supplier_admin", "adviser"])
async def test_nobody_but_the_owner_explains(cast: Cast, clock: Clock, part: str) -> None:
    pilot = await overdue(cast, clock)
    with pytest.raises(Denied):
        await explain(cast, pilot, part)


async def test_what_is_not_overdue_is_not_explained_and_nothing_twice(
    cast: Cast, clock: Clock
) -> None:
    pilot = await overdue(cast, clock)
    clock.pass_days(-1)
    with pytest.raises(WrongState, match="not overdue"):
        await explain(cast, pilot)
    clock.pass_days(1)
    await explain(cast, pilot)
    with pytest.raises(Conflict, match="explained already"):
        await explain(cast, pilot)


async def test_an_error_leads_to_the_page_that_says_more() -> None:
    assert InnoHubError("No.", address="/pilots/1").address == "/pilots/1"
    assert InnoHubError("No.").address is None
