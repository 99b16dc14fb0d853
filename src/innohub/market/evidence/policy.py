"""Who sees which results and data. Constants are written into the SQL, so that only ids are
parameters."""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, literal_column, or_, select, true
from sqlalchemy.orm import aliased

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.catalogue import policy as listings
from innohub.market.challenges import policy as challenges
from innohub.market.constants import in_states
from innohub.market.evidence.models import DataSource, Result
from innohub.market.pilots.models import Pilot, PilotState
from innohub.market.pilots.policy import joined, party


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Results: published ones for all; before, for the force and the evaluation advisers, and for
    the supplier from the confirmation on, when it may comment on the facts."""
    if viewer.holds(Permission.PILOT_ADVISE):
        return true()
    return or_(
        row.published_at.is_not(None),
        _reads_for_force(row, viewer, row.pilot_id),
        and_(row.confirmed_at.is_not(None), _answers_for_supplier(row, viewer)),
    )


def dataset_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Trial data: for the pilot's forces alone and for evaluation advisers, also after the
    publication; what the literature printed, for all."""
    if viewer.holds(Permission.PILOT_ADVISE):
        return true()
    pilot = aliased(Pilot)
    own = (
        select(literal_column("1"))
        .select_from(pilot)
        .where(
            pilot.id == row.pilot_id,
            _reads_for_force(pilot, viewer, pilot.id),
        )
        .correlate_except(pilot)
        .exists()
    )
    # A force's machine that hands data in may read what came of it.
    sent = viewer.among(row.force_id, Permission.RESULT_RECORD)
    return or_(row.source == literal_column(f"'{DataSource.LITERATURE}'"), own, sent)


def effect_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Effects on further KPIs follow their result."""
    result = aliased(Result)
    return (
        select(literal_column("1"))
        .select_from(result)
        .where(result.id == row.result_id, visible(result, viewer))
        .correlate_except(result)
        .exists()
    )


def told_with_pilot(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Cost and benefit, and what the sites tell: for all once the pilot is published; before, for
    its two parties."""
    pilot = aliased(Pilot)
    return (
        select(literal_column("1"))
        .select_from(pilot)
        .where(
            pilot.id == row.pilot_id,
            or_(in_states(pilot.state, {PilotState.PUBLISHED}), party(pilot, viewer)),
        )
        .correlate_except(pilot)
        .exists()
    )


def pooled_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Pooled effects, and the trials in them, follow their technology, or their challenge: all of
    it is published."""
    return or_(listings.follows(row, viewer), challenges.follows(row, viewer))


def _reads_for_force(row: Any, viewer: Viewer, pilot_id: Any) -> ColumnElement[bool]:
    # The forces' people only: what a machine's scope, results.read_own_published, promises is
    # public anyway.
    is_person = viewer.shape[1]
    if not is_person:
        return false()
    return or_(
        viewer.among(row.force_id, Permission.RESULT_READ),
        joined(pilot_id, viewer, Permission.RESULT_READ),
    )


def _answers_for_supplier(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    is_person = viewer.shape[1]
    # The scope results.read_own_published promises published results only, so a machine needs the
    # scope that lets it answer.
    needed = Permission.RESULT_READ if is_person else Permission.PILOT_RESPOND
    return viewer.among(row.supplier_id, needed)
