"""Who sees which pilots, protocols and steps. Constants are written into the SQL, so that only ids
are parameters."""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, literal_column, or_, select, true
from sqlalchemy.orm import aliased

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.constants import in_states
from innohub.market.pilots.models import ACTIVE, Pilot, PilotForce, PilotState

REGISTERED = ACTIVE | {PilotState.STOPPED, PilotState.PUBLISHED}
"""From the lock of its protocol on, a pilot stands in the public register, whatever comes of it."""


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Pilots: the registered ones and the literature's for all; others for readers of the register
    and for the two parties."""
    if viewer.holds(Permission.REGISTER_READ):
        return true()
    return or_(in_states(row.state, REGISTERED), row.citation.is_not(None), party(row, viewer))


def party(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Pilots of the viewer's own force, those it joined, and those of their own technology."""
    return or_(
        viewer.among(row.force_id, Permission.PILOT_READ),
        viewer.among(row.supplier_id, Permission.PILOT_READ),
        joined(row.id, viewer, Permission.PILOT_READ),
    )


def joined(pilot_id: Any, viewer: Viewer, permission: Permission) -> ColumnElement[bool]:
    """Pilots in which a further force takes part where the viewer holds the permission."""
    if not viewer.holds(permission):
        return false()
    further = aliased(PilotForce)
    return (
        select(literal_column("1"))
        .select_from(further)
        .where(
            further.pilot_id == pilot_id,
            further.left_at.is_(None),
            viewer.among(further.force_id, permission),
        )
        .correlate_except(further)
        .exists()
    )


def follows(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Rows with a `pilot_id`, where that pilot is visible."""
    return _of_pilot(row, viewer, visible)


def protocol_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Protocols: public once locked; before, for the two parties and the evaluation advisers."""
    if viewer.holds(Permission.PILOT_ADVISE):
        return true()
    return or_(row.locked_at.is_not(None), _of_pilot(row, viewer, party))


def step_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Steps name people: for the two parties, advisers and overseers."""
    if viewer.holds(Permission.PILOT_ADVISE) or viewer.holds(Permission.PILOT_OVERSEE):
        return true()
    return _of_pilot(row, viewer, party)


def told_until_left(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Steps and messages, which never change: as the other steps; and for the people of a force
    that left the pilot, what was there when it left. It answers for its own part in it."""
    return or_(step_visible(row, viewer), _before_leaving(row, viewer))


def _before_leaving(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    if not viewer.holds(Permission.PILOT_READ):
        return false()
    former = aliased(PilotForce)
    return (
        select(literal_column("1"))
        .select_from(former)
        .where(
            former.pilot_id == row.pilot_id,
            row.created_at <= former.left_at,
            viewer.among(former.force_id, Permission.PILOT_READ),
        )
        .correlate_except(former)
        .exists()
    )


def overlap_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Overlaps: where both pilots are visible, so that neither gives the other away."""
    other = aliased(Pilot)
    return and_(
        _of_pilot(row, viewer, visible),
        select(literal_column("1"))
        .select_from(other)
        .where(other.id == row.other_id, visible(other, viewer))
        .correlate_except(other)
        .exists(),
    )


def _of_pilot(row: Any, viewer: Viewer, rule: Any) -> ColumnElement[bool]:
    """Rows with a `pilot_id`, where that pilot passes `rule`."""
    pilot = aliased(Pilot)
    return (
        select(literal_column("1"))
        .select_from(pilot)
        .where(pilot.id == row.pilot_id, rule(pilot, viewer))
        .correlate_except(pilot)
        .exists()
    )
