"""What several commands of a pilot have in common."""

from datetime import date
from typing import Annotated

from pydantic import Field

from innohub.db.identifiers import IdOf
from innohub.market.command import Command

Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e12, le=1e12)]
"""Within these limits a number survives storing as JSON digit by digit."""


class PilotCommand(Command):
    """The base of every step of an existing pilot. `revision` is what the person saw."""

    pilot_id: Annotated[int, IdOf("Pilot")]
    revision: int | None = None


def later(end_on: date, start_on: date | None) -> date:
    """`end_on`, where it lies after `start_on`. Raises ValueError elsewhere."""
    if start_on is not None and end_on <= start_on:
        raise ValueError("The end must be after the start.")
    return end_on
