"""What an operator does when forces merge."""

from datetime import date
from typing import Annotated

from innohub.command import Command, Reason
from innohub.db.identifiers import IdOf


class MergeForce(Command):
    """A force becomes part of another: its history stays its own, its people go on there."""

    force_id: Annotated[int, IdOf("Force")]
    successor_id: Annotated[int, IdOf("Force")]
    last_day: date
    """The last day on which the force was one."""
    reason: Reason
