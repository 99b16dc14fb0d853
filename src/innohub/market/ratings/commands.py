"""What a force says about a technology that it piloted."""

from typing import Annotated

from pydantic import Field

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Prose

Stars = Annotated[int, Field(ge=1, le=5)]
"""1 (poor) to 5 (excellent)."""


class RatePilot(Command):
    """Rate the technology of one's own pilot, in the version that was piloted."""

    pilot_id: Annotated[int, IdOf("Pilot")]
    affordability: Stars
    capability: Stars
    deployability: Stars
    maintainability: Stars
    usability: Stars
    comment: Prose
