"""A force's context sheet: who writes it, what it takes, who reads what of it."""

from typing import Any

import pytest
from sqlalchemy import select

from innohub.errors import Conflict, Denied, Invalid, NotFound
from innohub.identity.models import Role
from innohub.identity.viewer import Viewer
from innohub.market.forces import policy, service
from innohub.market.forces.commands import WriteContext
from innohub.market.forces.models import ForceContext, ForceSize
from innohub.outbox.models import AuditEntry
from tests.market.catalogue.stage import Stage

SHEET: dict[str, Any] = {
    "peer_group": "rural",
    "size": "small",
    "rms_platform": "Ledger",
    "command_and_control": "Desk",
    "networks": ["psn", "internet", "psn"],
    "hosting_policy": ["force_cloud"],
    "max_classification": "official_sensitive",
    "vetting_required": "nppv2_full",
    "union_consultation_days": "28",
    "ethics_committee": "true",
}


def sheet(stage: Stage, **given: Any) -> WriteContext:
    return WriteContext.parse({"force_id": stage.force.id, **SHEET, **given})


async def write(stage: Stage, **given: Any) -> ForceContext:
    written: ForceContext = await stage.do("lead", service.write_context, sheet(stage, **given))
    return written


async def test_only_the_force_s_innovation_lead_writes_its_sheet(stage: Stage) -> None:
    await stage.try_everybody(service.write_context, sheet(stage), allowed={"lead"})


async def test_a_sheet_takes_what_a_form_sends(stage: Stage) -> None:
    written = await stage.load(await write(stage))
    assert (written.force_id, written.size) == (stage.force.id, ForceSize.SMALL)
    assert written.networks == ["internet", "psn"]
    assert (written.union_consultation_days, written.ethics_committee) == (28, True)


async def test_it_is_written_whole_so_what_is_left_out_is_left_open(stage: Stage) -> None:
    first = await write(stage)
    again = WriteContext.parse({"force_id": stage.force.id, "rms_platform": "Daybook"})
    await stage.do("lead", service.write_context, again)
    (kept,) = await stage.all(ForceContext)
    assert (kept.id, kept.rms_platform) == (first.id, "Daybook")
    assert (kept.peer_group, kept.networks, kept.ethics_committee) == (None, [], None)


async def test_who_has_one_force_need_not_name_it(stage: Stage) -> None:
    await stage.do("other_lead", service.write_context, WriteContext(rms_platform="Ledger"))
    (written,) = await stage.all(ForceContext)
    assert written.force_id == stage.other_force.id


async def test_what_changed_is_audited_by_name_and_not_by_value(stage: Stage) -> None:
    await write(stage)
    await write(stage, rms_platform="Daybook", command_and_control="Console")
    async with stage.database.session() as session:
        newest = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)
        entry = (await session.scalars(newest)).one()
    assert entry.action == "context:write"
    assert entry.detail == {"force": "kent", "changed": ["command_and_control", "rms_platform"]}


async def test_of_two_people_who_edit_the_same_sheet_the_second_is_told(stage: Stage) -> None:
    seen = await write(stage)
    await write(stage, revision=seen.revision, rms_platform="Daybook")
    before = await stage.fingerprint()
    with pytest.raises(Conflict):
        await write(stage, revision=seen.revision, rms_platform="Ledger")
    assert await stage.fingerprint() == before


async def test_of_two_first_sheets_at_once_one_is_a_conflict(stage: Stage) -> None:
    await stage.cast({"second_lead": (stage.force, Role.FORCE_INNOVATION_LEAD)})
    _, second = await stage.overlap(
        ("lead", service.write_context, sheet(stage)),
        ("second_lead", service.write_context, sheet(stage, rms_platform="Daybook")),
    )
    assert isinstance(second, Conflict)
    (kept,) = await stage.all(ForceContext)
    assert kept.rms_platform == "Ledger"


@pytest.mark.parametrize("field", ["peer_group", "hosting_policy"])
async def test_what_is_in_no_reference_list_is_refused(stage: Stage, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        await write(stage, **{field: "the_moon" if field == "peer_group" else ["the_moon"]})
    assert caught.value.field == field


async def test_an_organisation_that_is_no_force_has_no_sheet(stage: Stage) -> None:
    command = sheet(stage, force_id=stage.supplier.id)
    with pytest.raises(NotFound):
        await stage.do("lead", service.write_context, command)
    with pytest.raises(Denied):
        await stage.do("lead", service.write_context, sheet(stage, force_id=stage.other_force.id))


@pytest.mark.parametrize("days", [-1, 366, "many"])
def test_a_consultation_lasts_no_longer_than_a_year(days: Any) -> None:
    with pytest.raises(Invalid) as caught:
        WriteContext.parse({"union_consultation_days": days})
    assert caught.value.field == "union_consultation_days"


async def test_what_a_technology_has_to_fit_is_read_inside_policing_alone(stage: Stage) -> None:
    await write(stage)
    readers = set()
    async with stage.database.session() as session:
        for part, actor in stage.actors.items():
            query = select(policy.inside_shown(ForceContext, Viewer(actor)))
            if await session.scalar(query.select_from(ForceContext)):
                readers.add(part)
    assert readers == {
        "lead", "analyst", "chief", "reviewer", "other_lead", "other_reviewer",
        "catalogue_reviewer", "assurance_officer", "programme_officer", "board_member", "auditor",
    }  # fmt: skip
