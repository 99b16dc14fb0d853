"""Who sees a notice: the person it was written for, and nobody else."""

from typing import Any

from sqlalchemy import ColumnElement

from innohub.identity.viewer import Viewer


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    return viewer.is_person(row.person_id)
