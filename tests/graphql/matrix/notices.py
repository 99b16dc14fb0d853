"""The stage for what people do with notices."""

from typing import Any

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


STAGES: dict[str, Stage] = {"markNoticesRead": to_read}
