"""Who sees which ratings, and which pilots a rater may know of."""

from typing import Any

from sqlalchemy import ColumnElement, literal_column, or_, true

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.catalogue import policy as listings


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Ratings follow their technology: whoever reads the listing reads what forces think of it."""
    return listings.follows(row, viewer)


def pilot_known(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Pilots that the viewer may be told are not theirs to rate: with `register:read` every one,
    else one's own force's and published ones."""
    if viewer.holds(Permission.REGISTER_READ):
        return true()
    published: ColumnElement[bool] = row.state == literal_column("'published'")
    return or_(published, viewer.among(row.force_id, Permission.RATING_CREATE))
