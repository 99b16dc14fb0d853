"""Who sees what was handed in and does not count yet: those who may hand in data for that force."""

from typing import Any

from sqlalchemy import ColumnElement

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    return viewer.among(row.force_id, Permission.RESULT_RECORD)
