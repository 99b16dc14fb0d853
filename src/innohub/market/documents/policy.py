"""Who sees a document beside its owner. Whether what it belongs to is seen, is the policy of the
listing, the pilot or the assurance item."""

from typing import Any

from sqlalchemy import ColumnElement, literal_column, or_

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.documents.models import RELEASED


def released(row: Any, viewer: Viewer, own: Permission) -> ColumnElement[bool]:
    """Documents in which no harm was found; the others for their owner alone, who holds `own`."""
    states: list[Any] = [literal_column(f"'{state}'") for state in sorted(RELEASED)]
    found: ColumnElement[bool] = row.state.in_(states)
    return or_(found, viewer.among(row.organisation_id, own))
