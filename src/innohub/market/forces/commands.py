"""What a force may say about itself."""

from typing import Annotated

from pydantic import Field

from innohub.db.identifiers import IdOf
from innohub.market.assurance.models import Classification
from innohub.market.command import Command, Line, Prose
from innohub.market.forces.models import ForceSize, Network, Vetting


class WriteContext(Command):
    """Write one's force's context sheet, whole: what is left out is left open.

    `force_id` is needed only by somebody who acts for several; `revision` is what the person saw.
    """

    force_id: Annotated[int, IdOf("Force")] | None = None
    revision: int | None = None
    peer_group: str | None = None
    """An id of the reference list `peer_group`."""
    size: ForceSize | None = None
    rms_platform: Line | None = None
    command_and_control: Line | None = None
    digital_evidence_system: Line | None = None
    networks: list[Network] = []
    device_fleet: Prose | None = None
    hosting_policy: list[str] = []
    """Ids of the reference list `hosting`."""
    max_classification: Classification | None = None
    vetting_required: Vetting | None = None
    union_consultation_days: Annotated[int, Field(ge=0, le=365)] | None = None
    ethics_committee: bool | None = None
