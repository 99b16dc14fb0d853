"""Who sees what a supplier handed in: that supplier alone."""

from typing import Any

from sqlalchemy import ColumnElement

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """For CatalogueImport and ImportItem: each row names its supplier."""
    return viewer.among(row.supplier_id, Permission.LISTING_READ)
