"""Who sees a force's account of an earlier pilot, and beside which pilots it is shown."""

from typing import Any

from sqlalchemy import ColumnElement, and_, literal_column, or_, select, true
from sqlalchemy.orm import aliased

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.catalogue import policy as listings
from innohub.market.pilots import policy as pilots
from innohub.market.pilots.earlier.models import EarlierPilot


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Policing, as with pilots that are not in the public register; the force that wrote it; and
    the supplier whose listed technology it names, who has to know what is said of it."""
    if viewer.holds(Permission.REGISTER_READ):
        return true()
    return or_(
        viewer.among(row.force_id, Permission.RESULT_RECORD),
        listings.is_suppliers(row, viewer, Permission.PILOT_READ),
    )


def overlap_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Overlaps: where both the pilot and the account of the earlier one are visible."""
    earlier = aliased(EarlierPilot)
    return and_(
        pilots.follows(row, viewer),
        select(literal_column("1"))
        .select_from(earlier)
        .where(earlier.id == row.earlier_id, visible(earlier, viewer))
        .correlate_except(earlier)
        .exists(),
    )
