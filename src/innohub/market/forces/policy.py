"""Who reads what of a force's sheet; see docs/decisions on force context."""

from typing import Any

from sqlalchemy import ColumnElement, true

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """That a sheet exists, and what likens forces to each other, is public."""
    return true()


def inside_shown(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Systems beside records, networks, devices and security rules: for forces and those who read
    the whole register. A supplier, or an attacker, learns nothing of them."""
    if viewer.holds(Permission.REGISTER_READ):
        return true()
    return viewer.among(row.force_id, Permission.PILOT_READ)
