"""Who sees which parts of the directory."""

from typing import Any

from sqlalchemy import ColumnElement

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer


def visible_client(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """API clients are seen by those who manage them in their organisation."""
    return viewer.among(row.organisation_id, Permission.CLIENT_MANAGE)


def own_feed(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """A calendar address is its owner's."""
    return viewer.is_person(row.person_id)
