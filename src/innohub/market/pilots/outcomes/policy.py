"""Who sees what a protocol registers beside its primary KPI."""

from typing import Any

from sqlalchemy import ColumnElement, literal_column, select
from sqlalchemy.orm import aliased

from innohub.identity.viewer import Viewer
from innohub.market.pilots.models import Protocol
from innohub.market.pilots.policy import protocol_visible


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """It follows its protocol."""
    protocol = aliased(Protocol)
    return (
        select(literal_column("1"))
        .select_from(protocol)
        .where(protocol.pilot_id == row.pilot_id, protocol_visible(protocol, viewer))
        .correlate_except(protocol)
        .exists()
    )
