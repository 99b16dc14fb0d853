"""Who sees a supplier's connections: that supplier alone. Credentials have no policy at all."""

from typing import Any

from sqlalchemy import ColumnElement

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """For Connection, Lane, Delivery and Attempt: each row names its supplier."""
    return viewer.among(row.organisation_id, Permission.CONNECTION_READ)


def event_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Events: what a supplier's connections carry, its people and clients may follow themselves."""
    return viewer.among(row.supplier_id, Permission.CONNECTION_READ)
