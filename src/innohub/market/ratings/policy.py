"""Who sees which ratings, and which pilots a rater may know of."""

from typing import Any

from sqlalchemy import ColumnElement, literal_column, or_, select, true
from sqlalchemy.orm import aliased

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.catalogue import policy as listings
from innohub.market.catalogue.models import Technology
from innohub.market.pilots.models import ACTIVE, PilotState

REGISTERED = ACTIVE | {PilotState.STOPPED, PilotState.PUBLISHED}
"""From the lock of its protocol on, anybody may know of a pilot."""


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Ratings follow their technology: whoever reads the listing reads what forces think of it."""
    return listings.follows(row, viewer)


def pilot_known(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Pilots of which the viewer may be told that they are not theirs to rate, or not yet: the
    registered ones and the literature's; others for readers of the register and the parties."""
    if viewer.holds(Permission.REGISTER_READ):
        return true()
    registered = row.state.in_([literal_column(f"'{state}'") for state in sorted(REGISTERED)])
    return or_(
        registered,
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
    technology = aliased(Technology)
    own = (
        select(literal_column("1"))
        .select_from(technology)
        .where(
            technology.id == row.technology_id,
            viewer.among(technology.supplier_id, Permission.LISTING_READ),
        )
        .correlate_except(technology)
        .exists()
    )
    return or_(row.reply_hidden_because.is_(None), own)
