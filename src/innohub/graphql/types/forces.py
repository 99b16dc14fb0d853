"""What forces say of themselves, and which are like each other."""

from datetime import datetime
from typing import Any

import strawberry

from innohub.graphql.read.declare import column, node, one
from innohub.graphql.types.organisations import Force
from innohub.graphql.types.reference import label_of
from innohub.market.assurance.models import Classification
from innohub.market.forces import models as rows
from innohub.market.forces import peers, policy
from innohub.market.forces.models import ForceSize, Network, Vetting

strawberry.enum(ForceSize)
strawberry.enum(Network)
strawberry.enum(Vetting)


def _inside(of: Any, description: str | None = None) -> Any:
    """A field for forces and for readers of the whole register; null for others."""
    return column(of, description, shown=policy.inside_shown)


@node(rows.ForceContext, policy.visible, name="ForceContext")
class ForceContext:
    """A force's context sheet. What likens forces is public; the rest is null for all but forces
    and readers of the whole register."""

    peer_group: str | None = column(rows.ForceContext.peer_group)
    peer_group_label: str | None = column(lambda row: label_of("peer_group", row.peer_group))
    size: ForceSize | None = column(rows.ForceContext.size)
    rms_platform: str | None = column(
        rows.ForceContext.rms_platform, "The records system, as its maker calls it."
    )
    command_and_control: str | None = _inside(rows.ForceContext.command_and_control)
    digital_evidence_system: str | None = _inside(rows.ForceContext.digital_evidence_system)
    networks: list[Network] | None = _inside(rows.ForceContext.networks)
    device_fleet: str | None = _inside(rows.ForceContext.device_fleet)
    hosting_policy: list[str] | None = _inside(
        rows.ForceContext.hosting_policy,
        "Ids of the reference list `hosting`: where it lets a technology run. Empty: not said.",
    )
    max_classification: Classification | None = _inside(rows.ForceContext.max_classification)
    vetting_required: Vetting | None = _inside(rows.ForceContext.vetting_required)
    union_consultation_days: int | None = _inside(rows.ForceContext.union_consultation_days)
    ethics_committee: bool | None = _inside(rows.ForceContext.ethics_committee)
    updated_at: datetime = column(rows.ForceContext.updated_at)
    revision: int = column(rows.ForceContext.revision, "Send it back with a change.")


@node(peers.ForcePeer, policy.visible, name="ForcePeer")
class ForcePeer:
    """A force like another, and what the two share."""

    same_peer_group: bool = column(lambda row: row.same_peer_group)
    same_records_system: bool = column(lambda row: row.same_records_system)
    same_size: bool = column(lambda row: row.same_size)
    same_region: bool = column(lambda row: row.same_region)
    force: Force | None = one(lambda row, force: force.id == row.peer_id)
