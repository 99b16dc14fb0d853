"""What a person does with notices."""

from typing import Annotated

from pydantic import Field

from innohub.command import Command
from innohub.db.identifiers import IdOf
from innohub.notices.models import Cadence, Channel, NoticeKind


class SetDigestCadence(Command):
    """Say how often you get a digest by e-mail: what waits for your decision, and what is new."""

    cadence: Cadence


class SetNoticeChannel(Command):
    """Say how you are told of one kind of thing: in the inbox only, in the digest as well, by
    e-mail at once as well, or not at all, which the rules do not allow of every kind."""

    kind: NoticeKind
    channel: Channel


class MarkNoticesRead(Command):
    """Mark one of your own notices as read; with `and_older`, every older one too. What arrived
    after it stays unread, whoever was faster."""

    notice_id: Annotated[int, IdOf("Notice")]
    and_older: bool = Field(default=False)
