"""Who sees which assurance items."""

from typing import Any

from sqlalchemy import ColumnElement

from innohub.identity.viewer import Viewer
from innohub.market.catalogue import policy as listings


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Assurance items follow their technology."""
    return listings.follows(row, viewer)
