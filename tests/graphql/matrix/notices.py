"""Stages for what people do with what is their own: notices, calendar addresses."""

from typing import Any

from sqlalchemy import delete

from innohub.identity.models import CalendarFeed
from innohub.notices.models import Notice
from tests.graphql.matrix.listings import Stage
from tests.graphql.matrix.world import NOW, World, gid


async def to_read(world: World) -> dict[str, Any]:
    lead = world.everybody.people["own force_innovation_lead"].person
    notice = Notice(
        person_id=lead.id, key="told", text="A pilot was paused.", path="/pilots/1", created_at=NOW
    )
    await world.add(notice)
    return {"noticeId": gid("Notice", notice)}


async def to_renew(world: World) -> dict[str, Any]:
    return {}


async def to_revoke(world: World) -> dict[str, Any]:
    async with world.database.session() as session, session.begin():
        await session.execute(delete(CalendarFeed))
    lead = world.everybody.people["own force_innovation_lead"].person
    feed = CalendarFeed(person_id=lead.id, token_hash="a" * 64, renewed_at=NOW, created_at=NOW)
    await world.add(feed)
    return {"feedId": gid("CalendarFeed", feed)}


async def to_choose(world: World) -> dict[str, Any]:
    return {"cadence": "DAILY"}


async def to_set(world: World) -> dict[str, Any]:
    return {"kind": "WORK", "channel": "DIGEST"}


async def to_end(world: World) -> dict[str, Any]:
    return {}


STAGES: dict[str, Stage] = {
    "endSession": to_end,
    "markNoticesRead": to_read,
    "setDigestCadence": to_choose,
    "setNoticeChannel": to_set,
    "renewCalendarFeed": to_renew,
    "revokeCalendarFeed": to_revoke,
}
