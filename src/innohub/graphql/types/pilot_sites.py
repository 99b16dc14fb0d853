"""The forces of a pilot: their sites, their approvals, and the gates that their reviewers sign."""

from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy import any_, select, text
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import (
    Connection,
    Follows,
    Node,
    Row,
    Term,
    column,
    node,
    one,
    paged,
)
from innohub.graphql.types.emmie import EmmieRecord, earlier_of, newest_of
from innohub.graphql.types.organisations import Force
from innohub.graphql.types.people import name_of
from innohub.graphql.types.reference import label_of
from innohub.identity.models import Membership, ReviewerType
from innohub.identity.viewer import Viewer
from innohub.market.pilots import models as rows
from innohub.market.pilots import policy
from innohub.market.pilots.models import SiteRole

strawberry.enum(SiteRole)
strawberry.enum(ReviewerType)

OF_PILOT = Follows(rows.Pilot, "pilot_id")
"""Visible whenever its pilot is: `pilots.policy.follows`."""


@node(rows.PilotSite, policy.follows, name="PilotSite", follows=OF_PILOT)
class PilotSite(Node):
    """A place where the pilot runs, of one of its forces."""

    name: str = column(rows.PilotSite.name)
    role: SiteRole = column(rows.PilotSite.role)
    force: Force | None = one(lambda row, force: force.id == row.force_id)
    emmie: EmmieRecord | None = one(
        lambda row, record: newest_of(row, record), "What the site tells beside the effect."
    )
    earlier_emmie: Connection[EmmieRecord] = paged(
        lambda row, record: earlier_of(row, record),
        "The records that were replaced, the newest first.",
        order=lambda record, given: [Term(record.version, descending=True, unique=True)],
    )


@node(rows.PilotForce, policy.follows, name="PilotForce", follows=OF_PILOT)
class PilotForce(Node):
    """A further force that joined the pilot, with its own approval and sites."""

    force: Force | None = one(lambda row, force: force.id == row.force_id)
    joined_at: datetime = column(rows.PilotForce.created_at)
    approved_at: datetime | None = column(rows.PilotForce.approved_at)
    assured_at: datetime | None = column(rows.PilotForce.assured_at)
    recorded_at: datetime | None = column(
        rows.PilotForce.recorded_at,
        "When it first handed in the data of its sites.",
        shown=policy.step_visible,
    )
    left_at: datetime | None = column(
        rows.PilotForce.left_at, "When it left, or was left out at the lock."
    )
    left_reason: str | None = column(rows.PilotForce.left_reason)


@node(rows.PilotGate, policy.step_visible, name="PilotGate")
class PilotGate(Node):
    """A reviewer's signature that one force needs, or what of the passport stands in for it."""

    reviewer: ReviewerType = column(rows.PilotGate.reviewer)
    label: str = column(lambda row: label_of("assurance_gate", row.reviewer))
    covered_by: str | None = column(
        lambda row: label_of("assurance_type", row.covered_by),
        "The type of the passport's item that this force accepted in its place.",
    )
    signed_at: datetime | None = column(rows.PilotGate.signed_at)
    signed_by: str | None = column(lambda row: name_of(row.signed_by_id))
    note: str | None = column(rows.PilotGate.note)
    mine: bool = column(
        lambda row, viewer: _reviews(row, viewer), "Whether the viewer reviews it for this force."
    )
    force: Force | None = one(lambda row, force: force.id == row.force_id)


def _reviews(row: Row, viewer: Viewer) -> Any:
    seat = aliased(Membership)
    return (
        select(text("1"))
        .select_from(seat)
        .where(
            viewer.is_person(seat.person_id),
            seat.organisation_id == row.force_id,
            row.reviewer == any_(seat.reviewer_types),
        )
        .correlate_except(seat)
        .exists()
    )
