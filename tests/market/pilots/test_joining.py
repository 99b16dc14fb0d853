"""Several forces in one pilot: each with its own owner's approval, reviewers and sites."""

from typing import Any

import pytest
from sqlalchemy import select

from innohub.errors import Conflict, Denied, Invalid, WrongState
from innohub.identity.viewer import Viewer
from innohub.market.catalogue.models import ListingState
from innohub.market.pilots import commands, policy, service
from innohub.market.pilots.models import (
    Pilot,
    PilotForce,
    PilotSite,
    PilotState,
    PilotStep,
    Protocol,
    SiteRole,
)
from tests.market.pilots.cast import Cast, a_technology, request_fields

WHY = "We have no analyst to spare this year."


async def join(cast: Cast, pilot: Pilot, part: str = "other_lead", **given: Any) -> Pilot:
    fields = {"site": "Thanet", "site_role": "comparison"} | given
    joined: Pilot = await cast.step(part, service.join, commands.JoinPilot, pilot, **fields)
    return joined


async def approve(cast: Cast, pilot: Pilot) -> None:
    await cast.step("other_sro", service.approve_joining, commands.ApproveJoining, pilot)


async def sign(cast: Cast, pilot: Pilot, part: str) -> None:
    await cast.step(part, service.sign_assurance, commands.SignAssurance, pilot)


async def lock(cast: Cast, pilot: Pilot, **given: Any) -> Protocol:
    command = commands.LockProtocol.parse({"pilot_id": pilot.id, **given})
    protocol: Protocol = await cast.do("second_analyst", service.lock_protocol, command)
    return protocol


async def further(cast: Cast, pilot: Pilot) -> PilotForce:
    async with cast.database.session() as session:
        found = await session.scalars(select(PilotForce).where(PilotForce.pilot_id == pilot.id))
        return found.one()


async def sites(cast: Cast, pilot: Pilot) -> list[tuple[str, SiteRole]]:
    async with cast.database.session() as session:
        of_pilot = PilotSite.pilot_id == pilot.id
        rows = await session.scalars(select(PilotSite).where(of_pilot).order_by(PilotSite.id))
        return [(site.name, site.role) for site in rows]


async def test_a_joined_force_takes_part_with_its_own_approval_signatures_and_site(
    cast: Cast,
) -> None:
    pilot, _ = await cast.with_protocol()
    await join(cast, pilot)
    await approve(cast, pilot)
    await sign(cast, pilot, "other_reviewer")
    protocol = await lock(cast, pilot)
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.PROTOCOL_LOCKED
    assert protocol.canonical is not None
    assert protocol.canonical["sites"] == [
        {"force": "essex", "name": "Thanet", "role": "comparison"},
        {"force": "kent", "name": "Medway", "role": "treatment"},
    ]


async def test_the_lock_waits_for_every_joined_force_and_names_it(cast: Cast) -> None:
    pilot, _ = await cast.with_protocol()
    await join(cast, pilot)
    with pytest.raises(WrongState, match="Essex Police joined and have not"):
        await lock(cast, pilot)
    await approve(cast, pilot)
    with pytest.raises(WrongState, match="Essex Police joined and have not"):
        await lock(cast, pilot)
    await sign(cast, pilot, "other_reviewer")
    await lock(cast, pilot)


async def test_a_force_that_is_not_ready_can_be_left_out_and_that_is_recorded(cast: Cast) -> None:
    pilot, _ = await cast.with_protocol()
    await join(cast, pilot)
    protocol = await lock(cast, pilot, leave_out=True)
    left = await further(cast, pilot)
    assert left.left_at == cast.database.clock()
    assert "had not approved and signed" in str(left.left_reason)
    assert protocol.canonical is not None
    assert [site["force"] for site in protocol.canonical["sites"]] == ["kent"]
    async with cast.database.session() as session:
        step = (await session.scalars(select(PilotStep).where(PilotStep.verb == "leave_out"))).one()
    assert str(step.reason).startswith("Essex Police.")


async def test_choosing_to_join_closes_the_own_request_in_favour_of_the_other(cast: Cast) -> None:
    first = await cast.requested()
    fields = request_fields(cast, site="Thanet", title="The same in Thanet")
    own = await cast.do("other_lead", service.request, commands.RequestPilot.parse(fields))
    choice = {"choice": "join_as_site", "join_id": first.id}
    await cast.step("other_lead", service.choose, commands.ChooseOverlap, own, **choice)
    stored = await cast.load(Pilot, own.id)
    assert (stored.state, stored.joined_id) == (PilotState.DECLINED, first.id)
    assert await sites(cast, first) == [
        ("Medway", SiteRole.TREATMENT),
        ("Thanet", SiteRole.TREATMENT),
    ]
    assert (await further(cast, first)).approved_at is None


async def test_joining_in_the_request_itself_does_the_same(cast: Cast) -> None:
    first = await cast.requested()
    choice = {"overlap_choice": "join_as_site", "join_id": first.id, "site": "Thanet"}
    command = commands.RequestPilot.parse(request_fields(cast, **choice))
    own = await cast.do("other_lead", service.request, command)
    assert (own.state, own.joined_id) == (PilotState.DECLINED, first.id)


async def test_only_a_pilot_of_the_same_technology_before_its_lock_is_joined(cast: Cast) -> None:
    locked = await cast.locked()
    other = await a_technology(cast.database, cast.supplier)
    elsewhere = await cast.requested(
        technology_id=other.id, overlap_choice="proceed_with_reason", overlap_reason=WHY
    )
    own = await cast.do(
        "other_lead", service.request, commands.RequestPilot.parse(request_fields(cast))
    )
    for join_id, why in (
        (locked.id, "locked: replicate"),
        (elsewhere.id, "same technology"),
        (own.id, "same technology"),
        (10**9, "no such pilot"),
    ):
        choice = {"choice": "join_as_site", "join_id": join_id}
        with pytest.raises(Invalid, match=why) as refusal:
            await cast.step("other_lead", service.choose, commands.ChooseOverlap, own, **choice)
        assert refusal.value.field == "join_id"
    with pytest.raises(Invalid, match="Name the pilot"):
        commands.ChooseOverlap.parse({"pilot_id": own.id, "choice": "join_as_site"})


async def test_a_force_joins_once_and_not_its_own_pilot(cast: Cast) -> None:
    pilot = await cast.requested()
    await join(cast, pilot)
    with pytest.raises(Conflict, match="takes part"):
        await join(cast, pilot)
    with pytest.raises(Conflict, match="runs this pilot"):
        await join(cast, pilot, "lead")


async def test_nothing_is_joined_after_the_lock_or_under_a_suspended_listing(cast: Cast) -> None:
    locked = await cast.locked()
    with pytest.raises(WrongState, match="to the lock"):
        await join(cast, locked)
    pilot = await cast.requested(overlap_choice="independent_check")
    await cast.list_as(ListingState.SUSPENDED)
    with pytest.raises(WrongState, match="nothing new starts"):
        await join(cast, pilot)


async def test_a_force_that_left_is_not_waited_for_and_may_come_back(cast: Cast) -> None:
    pilot, _ = await cast.with_protocol()
    await join(cast, pilot)
    await cast.step("other_lead", service.leave, commands.LeavePilot, pilot, reason=WHY)
    assert (await further(cast, pilot)).left_reason == WHY
    await join(cast, pilot)
    assert (await further(cast, pilot)).left_at is None
    await cast.step("other_sro", service.leave, commands.LeavePilot, pilot, reason=WHY)
    await lock(cast, pilot)


async def test_reviewers_of_a_joined_force_sign_once_their_owner_approved(cast: Cast) -> None:
    pilot, _ = await cast.with_protocol()
    await join(cast, pilot)
    with pytest.raises(WrongState, match="has not approved"):
        await sign(cast, pilot, "other_reviewer")
    with pytest.raises(Denied):
        await cast.step("sro", service.approve_joining, commands.ApproveJoining, pilot)


async def test_both_forces_are_parties_to_the_pilot(cast: Cast) -> None:
    pilot = await cast.requested()

    async def is_party(part: str) -> bool:
        rule = policy.party(Pilot, Viewer(cast[part]))
        async with cast.database.session() as session:
            found = await session.scalars(select(Pilot.id).where(Pilot.id == pilot.id, rule))
            return found.one_or_none() is not None

    assert (await is_party("lead"), await is_party("other_lead")) == (True, False)
    await join(cast, pilot)
    assert (await is_party("lead"), await is_party("other_lead")) == (True, True)
    await cast.step("other_lead", service.leave, commands.LeavePilot, pilot, reason=WHY)
    assert await is_party("other_lead") is False


async def test_each_force_names_its_own_sites(cast: Cast) -> None:
    pilot = await cast.requested()
    await join(cast, pilot)
    site = {"name": "Colchester", "role": "treatment"}
    await cast.step("other_lead", service.add_site, commands.AddSite, pilot, **site)
    with pytest.raises(Conflict):
        await cast.step("other_lead", service.add_site, commands.AddSite, pilot, **site)
    async with cast.database.session() as session:
        rows = {site.name: site for site in await session.scalars(select(PilotSite))}
    with pytest.raises(Denied):
        await cast.do(
            "lead", service.remove_site, commands.RemoveSite(site_id=rows["Colchester"].id)
        )
    remove = commands.RemoveSite(site_id=rows["Thanet"].id)
    await cast.do("other_lead", service.remove_site, remove)
    with pytest.raises(WrongState, match="at least one"):
        await cast.do(
            "other_lead", service.remove_site, commands.RemoveSite(site_id=rows["Colchester"].id)
        )
    assert [name for name, _ in await sites(cast, pilot)] == ["Medway", "Colchester"]
