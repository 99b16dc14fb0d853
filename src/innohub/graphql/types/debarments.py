"""Suppliers that are debarred."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, true

from innohub.graphql.read.declare import Node, Row, column, node
from innohub.identity.viewer import Viewer
from innohub.market.board.gating import models as rows


def everybody(row: Row, viewer: Viewer) -> ColumnElement[bool]:
    """The list is public, with its reasons: a supplier must be able to answer it."""
    return true()


@node(rows.Debarment, everybody, name="Debarment")
class Debarment(Node):
    """A time in which nothing of a supplier may be shortlisted."""

    reason: str = column(rows.Debarment.reason)
    from_on: date = column(rows.Debarment.from_on)
    until_on: date | None = column(
        rows.Debarment.until_on, "Its last day; null until further notice."
    )
    lifted_at: datetime | None = column(rows.Debarment.lifted_at)
    lifted_because: str | None = column(rows.Debarment.lifted_because)
