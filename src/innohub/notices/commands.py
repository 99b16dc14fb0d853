"""What a person does with notices."""

from typing import Annotated

from pydantic import Field

from innohub.command import Command
from innohub.db.identifiers import IdOf


class MarkNoticesRead(Command):
    """Mark one of your own notices as read; with `and_older`, every older one too. What arrived
    after it stays unread, whoever was faster."""

    notice_id: Annotated[int, IdOf("Notice")]
    and_older: bool = Field(default=False)
