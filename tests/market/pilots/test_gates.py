"""The reviewers' gates: each signed by its kind of reviewer, where the passport leaves it open."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from innohub.errors import Conflict, Denied, WrongState
from innohub.identity.models import Membership, ReviewerType, Role
from innohub.market.assurance.models import (
    AssuranceItem,
    AssuranceResponse,
    AssuranceStatus,
    PassportResponse,
)
from innohub.market.pilots import commands, service
from innohub.market.pilots.models import Pilot, PilotGate
from tests.factories import somebody
from tests.market.pilots.cast import Cast, protocol_fields

R = ReviewerType


async def verified(
    cast: Cast, type_: str, answer: PassportResponse | None = None, *, days: int = 300
) -> None:
    """An item of the passport, verified for all, with the force's answer to it."""
    today = cast.database.clock().date()
    async with cast.database.session() as session, session.begin():
        session.add(
            item := AssuranceItem(
                technology_id=cast.technology.id,
                type=type_,
                issuer="An issuer",
                reference=f"{type_} 1",
                issued_on=today - timedelta(days=400),
                expires_on=today + timedelta(days=days),
                status=AssuranceStatus.VERIFIED,
                verified_at=cast.database.clock(),
                created_at=cast.database.clock(),
            )
        )
        await session.flush()
        if answer is not None:
            session.add(
                AssuranceResponse(
                    item_id=item.id,
                    technology_id=item.technology_id,
                    force_id=cast.force.id,
                    response=answer,
                    reason="As we read it.",
                    latest=True,
                    created_at=cast.database.clock(),
                )
            )


async def a_reviewer(cast: Cast, part: str, *types: ReviewerType) -> None:
    """Somebody of the force who reviews these and nothing else."""
    person = await somebody(cast.database, cast.force, Role.FORCE_ASSURANCE_REVIEWER)
    async with cast.database.session() as session, session.begin():
        await session.execute(
            update(Membership)
            .where(Membership.person_id == person.person.id)
            .values(reviewer_types=list(types))
        )
    cast.actors[part] = person.actor


async def gates(cast: Cast, pilot: Pilot) -> dict[ReviewerType, PilotGate]:
    async with cast.database.session() as session:
        found = await session.scalars(select(PilotGate).where(PilotGate.pilot_id == pilot.id))
        return {gate.reviewer: gate for gate in found}


async def sign(cast: Cast, pilot: Pilot, part: str, **given: Any) -> None:
    await cast.step(part, service.sign_assurance, commands.SignAssurance, pilot, **given)


async def assured(cast: Cast, pilot: Pilot) -> bool:
    return (await cast.load(Pilot, pilot.id)).assured_at is not None


async def test_every_reviewer_of_the_guidance_has_a_gate(cast: Cast) -> None:
    pilot = await cast.approved()
    found = await gates(cast, pilot)
    assert set(found) == set(ReviewerType)
    assert not any(gate.covered_by or gate.signed_at for gate in found.values())


async def test_each_signs_their_own_and_the_last_signature_completes_the_assurance(
    cast: Cast,
) -> None:
    await a_reviewer(cast, "dpo", R.DATA_PROTECTION_OFFICER)
    await a_reviewer(cast, "lawyer", R.LEGAL, R.EQUALITY_ADVISER, R.ETHICS_COMMITTEE)
    await a_reviewer(cast, "security", R.INFORMATION_SECURITY_OFFICER)
    await a_reviewer(cast, "risk", R.SENIOR_INFORMATION_RISK_OWNER)
    pilot = await cast.approved()
    await sign(cast, pilot, "dpo", note="Only with faces blurred at once.")
    await sign(cast, pilot, "lawyer", reviewer="legal")
    await sign(cast, pilot, "security")
    await sign(cast, pilot, "risk")
    found = await gates(cast, pilot)
    assert {r for r, gate in found.items() if not gate.signed_at} == {
        R.EQUALITY_ADVISER,
        R.ETHICS_COMMITTEE,
    }
    assert found[R.DATA_PROTECTION_OFFICER].note == "Only with faces blurred at once."
    assert not await assured(cast, pilot)
    await sign(cast, pilot, "lawyer")
    assert await assured(cast, pilot)


async def test_nobody_signs_for_another_kind_of_reviewer(cast: Cast) -> None:
    await a_reviewer(cast, "dpo", R.DATA_PROTECTION_OFFICER)
    await a_reviewer(cast, "nobody")
    pilot = await cast.approved()
    with pytest.raises(Denied, match="not this force's ethics committee"):
        await sign(cast, pilot, "dpo", reviewer="ethics_committee")
    with pytest.raises(Denied, match="not named"):
        await sign(cast, pilot, "nobody")
    await sign(cast, pilot, "dpo")
    with pytest.raises(Conflict):
        await sign(cast, pilot, "dpo")


async def test_the_lock_waits_for_the_last_gate(cast: Cast) -> None:
    await a_reviewer(cast, "dpo", R.DATA_PROTECTION_OFFICER)
    pilot = await cast.approved()
    await sign(cast, pilot, "dpo")
    plan = commands.ProposeProtocol.parse(protocol_fields(pilot))
    await cast.do("analyst", service.propose_protocol, plan)
    lock = commands.LockProtocol.parse({"pilot_id": pilot.id})
    with pytest.raises(WrongState, match="have not signed"):
        await cast.do("second_analyst", service.lock_protocol, lock)


async def test_what_the_force_accepted_of_the_passport_needs_no_signature(cast: Cast) -> None:
    await verified(cast, "dpia", PassportResponse.ACCEPTED_WITH_LOCAL_ADDENDUM)
    await verified(cast, "equality_impact_assessment", PassportResponse.NEEDS_LOCAL_ASSESSMENT)
    await verified(cast, "ethics_committee_opinion")
    pilot = await cast.approved()
    found = await gates(cast, pilot)
    covered = {reviewer: gate.covered_by for reviewer, gate in found.items() if gate.covered_by}
    assert covered == {R.DATA_PROTECTION_OFFICER: "dpia"}


async def test_a_passport_that_covers_everything_leaves_nothing_to_sign(cast: Cast) -> None:
    for type_ in (
        "dpia", "pds_tpap", "equality_impact_assessment", "human_rights_assessment",
        "ethics_committee_opinion",
    ):  # fmt: skip
        await verified(cast, type_, PassportResponse.ACCEPTED_AS_IS)
    assert await assured(cast, await cast.approved())


async def test_what_expired_in_the_passport_covers_nothing(cast: Cast) -> None:
    await verified(cast, "ethics_committee_opinion", PassportResponse.ACCEPTED_AS_IS, days=0)
    pilot = await cast.approved()
    assert (await gates(cast, pilot))[R.ETHICS_COMMITTEE].covered_by is None
