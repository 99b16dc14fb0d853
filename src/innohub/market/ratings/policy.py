"""Who sees which ratings, and which pilots a rater may know of."""

from typing import Any

from sqlalchemy import ColumnElement, or_, true

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.catalogue import policy as listings
from innohub.market.constants import in_states
from innohub.market.pilots.policy import REGISTERED


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Ratings follow their technology: whoever reads the listing reads what forces think of it."""
    return listings.follows(row, viewer)


def pilot_known(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Pilots of which the viewer may be told that they are not theirs to rate, or not yet: the
    registered ones and the literature's; others for readers of the register and the parties."""
    if viewer.holds(Permission.REGISTER_READ):
        return true()
    return or_(
        in_states(row.state, REGISTERED),
        row.citation.is_not(None),
        viewer.among(row.force_id, Permission.PILOT_READ),
        viewer.among(row.supplier_id, Permission.PILOT_READ),
    )


def comment_shown(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """A hidden comment is read by those who moderate, and by the force that wrote it."""
    if viewer.holds(Permission.RATING_MODERATE):
        return true()
    return or_(
        row.comment_hidden_because.is_(None), viewer.among(row.force_id, Permission.PILOT_READ)
    )


def reply_shown(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """A hidden reply is read by those who moderate, and by the supplier that wrote it."""
    if viewer.holds(Permission.RATING_MODERATE):
        return true()
    own = listings.is_suppliers(row, viewer, Permission.LISTING_READ)
    return or_(row.reply_hidden_because.is_(None), own)
