"""Changes to the viewer's own notices."""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.notices import Notice
from innohub.notices import commands, service


@strawberry.type
class NoticePayload:
    id: strawberry.Private[int]
    notice: Notice | None = stored("id")


@strawberry.type
class NoticeMutations:
    mark_notices_read = write(service.mark_read, commands.MarkNoticesRead, NoticePayload)
