"""Whose turn it is after each step, and by when, on both sides."""

from datetime import timedelta

from sqlalchemy import select

from innohub.market.evidence import commands as evidence_commands
from innohub.market.evidence import service as evidence
from innohub.market.pilots import commands, service
from innohub.market.pilots.models import Pilot, PilotTurn, TurnKind
from innohub.market.working_days import add_working_days
from tests.conftest import Clock
from tests.market.pilots.cast import CELLS, Cast, protocol_fields

K = TurnKind


async def turns(cast: Cast, pilot: Pilot) -> dict[TurnKind, PilotTurn]:
    async with cast.database.session() as session:
        found = await session.scalars(select(PilotTurn).where(PilotTurn.pilot_id == pilot.id))
        return {turn.kind: turn for turn in found}


async def kinds(cast: Cast, pilot: Pilot) -> set[TurnKind]:
    return set(await turns(cast, pilot))


async def test_the_supplier_has_ten_working_days_to_answer_a_request(cast: Cast) -> None:
    pilot = await cast.requested()
    found = await turns(cast, pilot)
    assert set(found) == {K.ANSWER_REQUEST}
    answer = found[K.ANSWER_REQUEST]
    assert answer.organisation_id == cast.supplier.id
    assert answer.due_on == add_working_days(cast.database.clock().date(), 10)


async def test_then_the_force_has_ten_to_approve_the_scope(cast: Cast, clock: Clock) -> None:
    pilot = await cast.requested()
    clock.pass_days(3)
    await cast.step("supplier_admin", service.accept, commands.AcceptPilot, pilot)
    found = await turns(cast, pilot)
    assert set(found) == {K.APPROVE_SCOPE}
    assert found[K.APPROVE_SCOPE].organisation_id == cast.force.id
    assert found[K.APPROVE_SCOPE].due_on == add_working_days(clock.now.date(), 10)


async def test_a_turn_that_goes_on_keeps_its_day(cast: Cast, clock: Clock) -> None:
    pilot = await cast.approved()
    due_on = (await turns(cast, pilot))[K.SIGN_ASSURANCE].due_on
    clock.pass_days(5)
    command = commands.ProposeProtocol.parse(protocol_fields(pilot))
    await cast.do("analyst", service.propose_protocol, command)
    found = await turns(cast, pilot)
    assert set(found) == {K.SIGN_ASSURANCE}
    assert found[K.SIGN_ASSURANCE].due_on == due_on


async def test_every_step_hands_the_turn_on(cast: Cast) -> None:
    pilot = await cast.approved()
    assert await kinds(cast, pilot) == {K.SIGN_ASSURANCE, K.WRITE_PROTOCOL}
    await cast.step("assurance_reviewer", service.sign_assurance, commands.SignAssurance, pilot)
    assert await kinds(cast, pilot) == {K.WRITE_PROTOCOL}
    plan = commands.ProposeProtocol.parse(protocol_fields(pilot))
    await cast.do("analyst", service.propose_protocol, plan)
    assert await kinds(cast, pilot) == {K.LOCK_PROTOCOL}
    lock = commands.LockProtocol.parse({"pilot_id": pilot.id})
    await cast.do("second_analyst", service.lock_protocol, lock)
    start = (await turns(cast, pilot))[K.START]
    assert start.due_on == pilot.start_on
    await cast.step("lead", service.start, commands.StartPilot, pilot)
    assert await kinds(cast, pilot) == {K.FINISH}
    await cast.step("sro", service.finish, commands.FinishPilot, pilot)
    recording = (await turns(cast, pilot))[K.RECORD_DATA]
    assert recording.due_on == pilot.end_on + timedelta(days=60)
    await cast.record(pilot, CELLS)
    assert await kinds(cast, pilot) == {K.COMPUTE_RESULT}
    result = await cast.compute(pilot)
    assert await kinds(cast, pilot) == {K.CONFIRM_RESULT}
    confirm = evidence_commands.ConfirmResult.parse({"result_id": result.id})
    await cast.do("second_analyst", evidence.confirm, confirm)
    found = await turns(cast, pilot)
    assert set(found) == {K.DECIDE, K.COMMENT}
    assert found[K.COMMENT].organisation_id == cast.supplier.id
    assert found[K.COMMENT].due_on == add_working_days(cast.database.clock().date(), 10)
    await cast.decide(pilot)
    assert await kinds(cast, pilot) == {K.COMMENT}
    comment = evidence_commands.CommentOnResult
    await cast.step("supplier_admin", evidence.comment, comment, pilot)
    assert await kinds(cast, pilot) == set()


async def test_a_pause_waits_for_whoever_paused_and_for_the_owner(cast: Cast) -> None:
    pilot = await cast.running()
    why = "The listing was looked at again."
    await cast.step("assurance_officer", service.pause, commands.PausePilot, pilot, reason=why)
    found = await turns(cast, pilot)
    assert set(found) == {K.AGREE_TO_RESUME, K.RESUME_OR_STOP}
    assert found[K.AGREE_TO_RESUME].organisation_id is None
