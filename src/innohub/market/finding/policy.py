"""Who sees what searches are made of."""

from typing import Any

from sqlalchemy import ColumnElement, false, literal_column, select, true
from sqlalchemy.orm import aliased

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.finding.locked import LockedSearch


def synonyms_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Sets of synonyms: those who keep them."""
    return true() if viewer.holds(Permission.SYNONYM_EDIT) else false()


def saved_search_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Saved searches: one's own."""
    return viewer.is_person(row.person_id)


def locked_search_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Locked searches: the force's people, and who audits. Never a supplier."""
    if viewer.holds(Permission.AUDIT_READ):
        return true()
    return viewer.among(row.force_id, Permission.SEARCH_READ)


def locked_result_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Results follow their locked search."""
    locked = aliased(LockedSearch)
    return (
        select(literal_column("1"))
        .select_from(locked)
        .where(locked.id == row.locked_search_id, locked_search_visible(locked, viewer))
        .correlate_except(locked)
        .exists()
    )
