"""Who sees the KPIs that forces propose."""

from typing import Any

from sqlalchemy import ColumnElement, literal_column, true

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.pilots.local_kpis.models import LocalKpiState


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Approved ones are in the public dictionary; the others are for policing, so that no force
    proposes what another one has."""
    if viewer.holds(Permission.REGISTER_READ):
        return true()
    approved: ColumnElement[bool] = row.state == literal_column(f"'{LocalKpiState.APPROVED}'")
    return approved
