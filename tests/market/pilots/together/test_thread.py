"""The thread between force and supplier."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from innohub.errors import Denied, Invalid, NotSignedIn
from innohub.market.pilots.models import Pilot
from innohub.market.pilots.together import commands, service
from innohub.market.pilots.together.models import PilotMessage, PilotSide
from innohub.notices.models import Notice
from tests.market.pilots.cast import Cast


async def post(cast: Cast, part: str, pilot: Pilot, body: str = "When do we begin?") -> None:
    command = commands.PostMessage(pilot_id=pilot.id, body=body)
    await cast.do(part, service.post, command)


async def messages(cast: Cast) -> list[PilotMessage]:
    async with cast.database.session() as session:
        return list(await session.scalars(select(PilotMessage).order_by(PilotMessage.id)))


async def test_both_sides_write_and_are_told_of_each_other(cast: Cast) -> None:
    pilot = await cast.running()
    await post(cast, "lead", pilot)
    await post(cast, "supplier_admin", pilot, "On Monday.")
    assert [(one.side, one.by_name, one.body) for one in await messages(cast)] == [
        (PilotSide.FORCE, cast["lead"].name, "When do we begin?"),
        (PilotSide.SUPPLIER, cast["supplier_admin"].name, "On Monday."),
    ]
    async with cast.database.session() as session:
        about = Notice.path == f"/pilots/{pilot.id}/messages"
        told = await session.execute(select(Notice.key, Notice.person_id).where(about))
        whom: dict[str, set[int]] = {}
        for key, person in told:
            whom.setdefault(key, set()).add(person)
    first, second = whom.values()
    lead, sro, admin = (cast[part].person_id for part in ("lead", "sro", "supplier_admin"))
    assert {sro, admin} <= first
    assert lead not in first
    assert {lead, sro} <= second
    assert admin not in second


@pytest.mark.parametrize(
    "part",
    ["force_viewer", "supplier_viewer", "rival_admin", "other_lead", "adviser", "supplier_client"],
)
async def test_nobody_else_writes(cast: Cast, part: str) -> None:
    pilot = await cast.running()
    with pytest.raises(Denied):
        await post(cast, part, pilot)
    with pytest.raises(NotSignedIn):
        await post(cast, "stranger", pilot)
    assert await messages(cast) == []


@pytest.mark.parametrize("body", ["", "   ", "x" * 5_001])
def test_a_message_says_something_and_not_too_much(body: str) -> None:
    with pytest.raises(Invalid):
        commands.PostMessage.parse({"pilot_id": 1, "body": body})


async def test_a_message_never_changes_whoever_tries(cast: Cast) -> None:
    await post(cast, "lead", await cast.running())
    for change in ("UPDATE pilot_message SET body = 'x'", "DELETE FROM pilot_message"):
        with pytest.raises(DBAPIError, match="never changes"):
            async with cast.database.engine.begin() as connection:
                await connection.execute(text(change))
