"""Who sees a supplier's connections: that supplier alone. Credentials have no policy at all."""

from typing import Any

from sqlalchemy import ColumnElement

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """For Connection, Lane, Delivery and Attempt: each row names its supplier."""
    return viewer.among(row.organisation_id, Permission.CONNECTION_READ)
