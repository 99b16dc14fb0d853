"""What a person does with notices."""

from typing import Annotated

from pydantic import Field

from innohub.command import Command
from innohub.db.identifiers import IdOf
from innohub.notices.models import Cadence


class SetDigestCadence(Command):
    """Say how often you get a digest by e-mail: what waits for your decision, and what is new."""

    cadence: Cadence


class MarkNoticesRead(Command):
    """Mark one of your own notices as read; with `and_older`, every older one too. What arrived
    after it stays unread, whoever was faster."""

    notice_id: Annotated[int, IdOf("Notice")]
    and_older: bool = Field(default=False)
