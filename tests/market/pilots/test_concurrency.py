"""Two people at one pilot in one moment: real transactions, one of which must lose."""

import asyncio
from typing import Any

import pytest

from innohub.errors import Conflict
from innohub.market.catalogue.models import ListingState
from innohub.market.pilots import commands, service
from innohub.market.pilots.models import Pilot, PilotState, Protocol
from tests.market.pilots.cast import Cast, Operation, protocol_fields


async def at_once(cast: Cast, *acts: tuple[str, Operation, Any]) -> list[BaseException | Any]:
    """All begin their transactions before any of them goes on, so that they truly overlap."""
    ready = asyncio.Barrier(len(acts))

    async def act(part: str, operation: Operation, command: Any) -> Any:
        actor = cast[part]
        async with cast.database.unit_of_work(actor.signature()) as work:
            await work.session.connection()
            await ready.wait()
            return await operation(work, actor, command)

    return await asyncio.gather(*(act(*given) for given in acts), return_exceptions=True)


def losers(outcomes: list[BaseException | Any]) -> list[BaseException]:
    return [outcome for outcome in outcomes if isinstance(outcome, BaseException)]


async def test_two_approvals_at_once_are_one_approval_and_a_conflict(cast: Cast) -> None:
    pilot = await cast.accepted()
    act = ("sro", service.approve, commands.ApprovePilot.parse({"pilot_id": pilot.id}))
    (lost,) = losers(await at_once(cast, act, act))
    assert isinstance(lost, Conflict)
    stored = await cast.load(Pilot, pilot.id)
    assert (stored.state, stored.revision) == (PilotState.ASSURANCE, pilot.revision + 2)


async def test_an_approval_and_a_withdrawal_at_once_leave_one_of_the_two(cast: Cast) -> None:
    pilot = await cast.accepted()
    reason = "We have no capacity this year."
    outcomes = await at_once(
        cast,
        ("sro", service.approve, commands.ApprovePilot.parse({"pilot_id": pilot.id})),
        (
            "supplier_admin",
            service.decline,
            commands.DeclinePilot.parse({"pilot_id": pilot.id, "reason": reason}),
        ),
    )
    (lost,) = losers(outcomes)
    assert isinstance(lost, Conflict)
    stored = await cast.load(Pilot, pilot.id)
    declined = stored.state is PilotState.DECLINED
    assert declined or stored.state is PilotState.ASSURANCE
    assert (stored.closing_reason == reason) is declined


async def test_two_first_protocols_at_once_do_not_overwrite_each_other(cast: Cast) -> None:
    pilot = await cast.approved()
    outcomes = await at_once(
        cast,
        *(
            (
                part,
                service.propose_protocol,
                commands.ProposeProtocol.parse(protocol_fields(pilot, sample_size=size)),
            )
            for part, size in [("analyst", 500), ("second_analyst", 900)]
        ),
    )
    (lost,) = losers(outcomes)
    assert isinstance(lost, Conflict)
    (won,) = [outcome for outcome in outcomes if isinstance(outcome, Protocol)]
    assert (await cast.load(Protocol, won.id)).sample_size == won.sample_size


async def test_a_lock_and_a_late_change_at_once_never_lock_what_nobody_read(cast: Cast) -> None:
    pilot, protocol = await cast.with_protocol()
    fields = protocol_fields(pilot, revision=protocol.revision, sample_size=900)
    read = {"pilot_id": pilot.id, "revision": protocol.revision}
    outcomes = await at_once(
        cast,
        ("analyst", service.propose_protocol, commands.ProposeProtocol.parse(fields)),
        ("second_analyst", service.lock_protocol, commands.LockProtocol.parse(read)),
    )
    (lost,) = losers(outcomes)
    assert isinstance(lost, Conflict)
    stored = await cast.load(Protocol, protocol.id)
    assert (stored.locked_at is not None) == (stored.sample_size == protocol.sample_size)


async def test_two_requests_at_once_are_both_stored(cast: Cast) -> None:
    from tests.market.pilots.cast import request_fields

    command = commands.RequestPilot.parse(request_fields(cast))
    outcomes = await at_once(
        cast, ("lead", service.request, command), ("other_lead", service.request, command)
    )
    assert losers(outcomes) == []
    states = {outcome.state for outcome in outcomes if isinstance(outcome, Pilot)}
    # The second in line is shown the first.
    assert states == {PilotState.SCOPING, PilotState.OVERLAP_REVIEW}


async def test_a_listing_is_not_suspended_while_a_pilot_starts(cast: Cast) -> None:
    pilot = await cast.locked()
    async with cast.database.unit_of_work(cast["lead"].signature()) as work:
        command = commands.StartPilot.parse({"pilot_id": pilot.id})
        await service.start(work, cast["lead"], command)
        suspending = asyncio.create_task(cast.list_as(ListingState.SUSPENDED))
        done, _ = await asyncio.wait([suspending], timeout=0.3)
        assert not done
    await suspending
    with pytest.raises(Conflict):
        await cast.step("lead", service.start, commands.StartPilot, pilot)
