"""Who sees which listings. Constants are written into the SQL, so that only ids are parameters."""

from typing import Any

from sqlalchemy import ColumnElement, and_, literal_column, or_, select, true
from sqlalchemy.orm import aliased

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.catalogue.models import (
    PUBLIC,
    ListingDraft,
    ListingState,
    Technology,
    VersionState,
)
from innohub.market.constants import in_states
from innohub.market.documents import policy as documents

UNSUBMITTED = {ListingState.DRAFT, ListingState.ARCHIVED}
"""A draft that lay idle is archived: nobody but its supplier has read it."""


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Technologies: public ones, the viewer's own, and for reviewers and assurance officers all
    that were submitted."""
    return or_(in_states(row.state, PUBLIC), _inside(row, viewer))


def section_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Sections follow their technology: what the supplier writes next stands in its draft."""
    return follows(row, viewer)


def draft_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Drafts: the viewer's own supplier's."""
    return viewer.among(row.supplier_id, Permission.LISTING_READ)


def draft_section_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Sections of drafts follow their draft."""
    draft = aliased(ListingDraft)
    return (
        select(literal_column("1"))
        .select_from(draft)
        .where(draft.id == row.draft_id, draft_visible(draft, viewer))
        .correlate_except(draft)
        .exists()
    )


def capability_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Capabilities follow their technology."""
    return follows(row, viewer)


def interest_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Declared interests: the person's own, and all for readers of the audit trail."""
    if viewer.holds(Permission.AUDIT_READ):
        return true()
    return viewer.is_person(row.person_id)


def version_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Approved versions follow their technology; others are for the supplier and for those who
    review listings and their assurance."""
    technology = aliased(Technology)
    public = and_(
        in_states(row.state, {VersionState.APPROVED}),
        in_states(technology.state, PUBLIC),
    )
    return (
        select(literal_column("1"))
        .select_from(technology)
        .where(technology.id == row.technology_id, or_(public, _inside(technology, viewer)))
        .correlate_except(technology)
        .exists()
    )


def document_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Documents follow their technology; what the scan did not release, its supplier alone."""
    released = documents.released(row, viewer, Permission.LISTING_READ)
    return and_(released, follows(row, viewer))


def is_own(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Technologies of the viewer's own supplier."""
    return viewer.among(row.supplier_id, Permission.LISTING_READ)


def follows(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Rows with a `technology_id`, where that technology is visible."""
    technology = aliased(Technology)
    return (
        select(literal_column("1"))
        .select_from(technology)
        .where(technology.id == row.technology_id, visible(technology, viewer))
        .correlate_except(technology)
        .exists()
    )


def is_suppliers(row: Any, viewer: Viewer, permission: Permission) -> ColumnElement[bool]:
    """Rows with a `technology_id`, where the viewer holds the permission in its supplier."""
    technology = aliased(Technology)
    return (
        select(literal_column("1"))
        .select_from(technology)
        .where(technology.id == row.technology_id, viewer.among(technology.supplier_id, permission))
        .correlate_except(technology)
        .exists()
    )


def _inside(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    own = viewer.among(row.supplier_id, Permission.LISTING_READ)
    if viewer.holds(Permission.LISTING_REVIEW) or viewer.holds(Permission.ASSURANCE_VERIFY):
        return or_(own, ~in_states(row.state, UNSUBMITTED))
    return own
