"""Who sees which assurance items, and which answers of forces."""

from typing import Any

from sqlalchemy import ColumnElement, and_, literal_column, select, true
from sqlalchemy.orm import aliased

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.assurance.models import AssuranceItem
from innohub.market.catalogue import policy as listings
from innohub.market.catalogue.models import Technology
from innohub.market.documents import policy as documents


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Assurance items follow their technology."""
    return listings.follows(row, viewer)


def answer_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Answers of forces, and what they add: for readers of the register, who are the forces and
    the bodies of policing, and for the technology's own supplier. Not for rival suppliers or
    strangers, who see the counts."""
    technology = aliased(Technology)
    reader = (
        true()
        if viewer.holds(Permission.REGISTER_READ)
        else viewer.among(technology.supplier_id, Permission.LISTING_READ)
    )
    return (
        select(literal_column("1"))
        .select_from(technology)
        .where(
            technology.id == row.technology_id,
            and_(listings.visible(technology, viewer), reader),
        )
        .correlate_except(technology)
        .exists()
    )


def details_shown(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Where the evidence is, who judged it and why: for those who also see the answers."""
    return answer_visible(row, viewer)


def document_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Documents of evidence: for those who see where the evidence of their item is; what the scan
    did not release, for the supplier alone."""
    item = aliased(AssuranceItem)
    of_item = (
        select(literal_column("1"))
        .select_from(item)
        .where(item.id == row.assurance_item_id, details_shown(item, viewer))
        .correlate_except(item)
        .exists()
    )
    return and_(documents.released(row, viewer, Permission.LISTING_READ), of_item)
