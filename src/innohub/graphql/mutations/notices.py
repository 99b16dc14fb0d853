"""Changes to the viewer's own notices."""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.notices import Notice
from innohub.graphql.types.preferences import NoticePreferences
from innohub.notices import commands, service
from innohub.notices.preferences import set_cadence, set_channel


@strawberry.type
class NoticePayload:
    id: strawberry.Private[int]
    notice: Notice | None = stored("id")


@strawberry.type
class NoticePreferencesPayload:
    id: strawberry.Private[int]
    preferences: NoticePreferences | None = stored("id")


@strawberry.type
class NoticeMutations:
    set_digest_cadence = write(
        set_cadence,
        commands.SetDigestCadence,
        NoticePreferencesPayload,
        of=lambda setting: {"id": setting.person_id},
    )
    set_notice_channel = write(
        set_channel,
        commands.SetNoticeChannel,
        NoticePreferencesPayload,
        of=lambda choice: {"id": choice.person_id},
    )
    mark_notices_read = write(service.mark_read, commands.MarkNoticesRead, NoticePayload)
