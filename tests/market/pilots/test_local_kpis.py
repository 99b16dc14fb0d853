"""A force proposes a KPI of its own; an evaluation adviser approves or refuses it."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from innohub.errors import Conflict, Denied, InnoHubError, Invalid, WrongState
from innohub.identity.models import ReferenceValue
from innohub.market.pilots import commands, service
from innohub.market.pilots.local_kpis.commands import ApproveKpi, ProposeKpi, RefuseKpi
from innohub.market.pilots.local_kpis.models import LocalKpi, LocalKpiState
from innohub.market.pilots.models import Protocol
from innohub.notices.models import Notice
from innohub.outbox.models import AuditEntry
from tests.market.evidence.outcomes import add
from tests.market.pilots.cast import Cast, protocol_fields, request_fields

BOOKING = {
    "name": "Minutes to book in",
    "definition": "From arrival at the desk to the cell door, as the custody system has it.",
    "type": "mean",
    "direction": "lower_is_better",
    "unit": "minutes",
}
WHY = "The dictionary's minutes for an emergency are another thing."


async def propose(cast: Cast, part: str = "analyst", **given: Any) -> LocalKpi:
    command = ProposeKpi.parse(BOOKING | given)
    kpi: LocalKpi = await cast.do(part, service.propose_kpi, command)
    return kpi


async def approve(cast: Cast, kpi: LocalKpi, part: str = "adviser") -> LocalKpi:
    command = ApproveKpi.parse({"kpi_id": kpi.id})
    approved: LocalKpi = await cast.do(part, service.approve_kpi, command)
    return approved


async def told(cast: Cast, part: str) -> list[str]:
    async with cast.database.session() as session:
        mine = Notice.person_id == cast[part].person_id
        found = await session.scalars(select(Notice.text).where(mine, Notice.path == "/kpis"))
        return list(found)


async def test_an_approved_kpi_is_in_the_dictionary_as_local_and_carries_a_pilot(
    cast: Cast,
) -> None:
    proposed = await propose(cast)
    assert await told(cast, "adviser") == [
        "Kent Police proposes a KPI of its own, “Minutes to book in”. Approve or refuse it."
    ]
    approved = await approve(cast, proposed)
    assert (approved.state, approved.kpi) == (LocalKpiState.APPROVED, "kent_minutes_to_book_in")
    assert await told(cast, "analyst") == [
        "Your KPI “Minutes to book in” is approved: protocols may choose it."
    ]
    async with cast.database.session() as session:
        entry = await session.get_one(ReferenceValue, ("kpi", "kent_minutes_to_book_in"))
    assert entry.label == "Minutes to book in"
    assert entry.detail["local_to"] == "kent"
    pilot = await cast.approved(kpi=approved.kpi)
    plan = protocol_fields(pilot, baseline_value=14, minimum_important_effect=2)
    protocol: Protocol = await cast.do(
        "analyst", service.propose_protocol, commands.ProposeProtocol.parse(plan)
    )
    assert (protocol.kpi_type, protocol.direction, protocol.unit) == (
        "mean", "lower_is_better", "minutes",
    )  # fmt: skip


async def test_an_approved_kpi_may_stand_beside_the_primary_one(cast: Cast) -> None:
    approved = await approve(cast, await propose(cast, direction="target_band"))
    pilot, _ = await cast.with_protocol()
    outcome = await add(cast, pilot, role="secondary", kpi=approved.kpi)
    assert (outcome.direction, outcome.unit) == ("target_band", "minutes")


async def test_nobody_chooses_a_kpi_that_is_only_proposed_or_was_refused(cast: Cast) -> None:
    await propose(cast)
    refused = await propose(cast, name="Smiles")
    command = RefuseKpi.parse({"kpi_id": refused.id, "reason": WHY})
    assert (await cast.do("adviser", service.refuse_kpi, command)).state is LocalKpiState.REFUSED
    assert await told(cast, "analyst") == [f"Your KPI “Smiles” is refused: {WHY}"]
    for kpi in ("kent_minutes_to_book_in", "kent_smiles"):
        wish = commands.RequestPilot.parse(request_fields(cast, kpi=kpi))
        with pytest.raises(Invalid, match="not in the KPI dictionary"):
            await cast.do("lead", service.request, wish)


async def test_what_was_decided_is_not_decided_again(cast: Cast) -> None:
    kpi = await propose(cast)
    await approve(cast, kpi)
    with pytest.raises(WrongState):
        await approve(cast, kpi)
    command = RefuseKpi.parse({"kpi_id": kpi.id, "reason": WHY})
    with pytest.raises(WrongState):
        await cast.do("adviser", service.refuse_kpi, command)


async def test_two_advisers_at_once_enter_it_once(cast: Cast) -> None:
    kpi = await propose(cast)
    found = await asyncio.gather(approve(cast, kpi), approve(cast, kpi), return_exceptions=True)
    assert sorted(isinstance(one, WrongState) for one in found) == [False, True]


async def test_two_proposals_of_one_name_at_once_are_one(cast: Cast) -> None:
    found = await asyncio.gather(
        propose(cast),
        propose(cast, "other_analyst", name="MINUTES to book in"),
        return_exceptions=True,
    )
    assert sorted(isinstance(one, Conflict) for one in found) == [False, True]


async def test_the_dictionary_has_each_name_once(cast: Cast) -> None:
    with pytest.raises(Conflict, match="has a KPI of this name"):
        await propose(cast, name="complaints")
    await approve(cast, await propose(cast))
    with pytest.raises(Conflict, match="has a KPI of this name"):
        await propose(cast, "other_analyst")


async def test_two_names_that_make_one_id_get_an_id_each(cast: Cast) -> None:
    first = await approve(cast, await propose(cast, name="Minutes, first"))
    second = await approve(cast, await propose(cast, name="Minutes first"))
    assert (first.kpi, second.kpi) == ("kent_minutes_first", "kent_minutes_first_2")


@pytest.mark.parametrize("part", ["lead", "sro", "supplier_admin", "adviser", "stranger"])
async def test_only_a_forces_analysts_propose(cast: Cast, part: str) -> None:
    with pytest.raises(InnoHubError) as refusal:
        await propose(cast, part)
    assert refusal.value.code in {"denied", "not_signed_in"}


@pytest.mark.parametrize("part", ["analyst", "sro", "catalogue_reviewer", "board_member"])
async def test_only_an_evaluation_adviser_decides(cast: Cast, part: str) -> None:
    kpi = await propose(cast)
    with pytest.raises(Denied):
        await approve(cast, kpi, part)


async def test_a_supplier_does_not_see_what_is_proposed(cast: Cast) -> None:
    kpi = await propose(cast)
    with pytest.raises(InnoHubError, match="no such proposal"):
        await approve(cast, kpi, "supplier_admin")


async def test_each_step_stands_in_the_audit_trail(cast: Cast) -> None:
    kpi = await propose(cast)
    await approve(cast, kpi)
    async with cast.database.session() as session:
        found = await session.scalars(
            select(AuditEntry.action)
            .where(AuditEntry.action.startswith("kpi:"))
            .order_by(AuditEntry.seq)
        )
        assert list(found) == ["kpi:propose", "kpi:approve"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"definition": "Too short"}, "definition"),
        ({"type": "ordinal"}, "type"),
        ({"direction": "sideways"}, "direction"),
        ({"unit": ""}, "unit"),
        ({"type": "proportion", "unit": "minutes"}, "unit"),
    ],
)
def test_what_defines_no_measurement_is_refused_by_its_field(
    given: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        ProposeKpi.parse(BOOKING | given)
    assert field in [problem.field for problem in refusal.value.problems]
