"""Who sees what searches are made of."""

from typing import Any

from sqlalchemy import ColumnElement, false, true

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer


def synonyms_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Sets of synonyms: those who keep them."""
    return true() if viewer.holds(Permission.SYNONYM_EDIT) else false()
