"""Values of the reference lists, with the words people read."""

from typing import Any

from sqlalchemy import BigInteger, Text, cast, func, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import Row, column, node
from innohub.graphql.types.scalars import Pence
from innohub.identity.models import ReferenceValue as Rows
from innohub.identity.viewer import Viewer


def public(row: Row, viewer: Viewer) -> Any:
    return true()


@node(Rows, public, name="ReferenceValue")
class ReferenceValue:
    """One entry of a reference list: a category, a capability, a KPI …"""

    value: str = column(Rows.id, "The id that is stored and filtered by.")
    label: str = column(Rows.label)
    help: str | None = column(
        lambda row: func.coalesce(row.detail["help"].astext, row.detail["definition"].astext)
    )
    group: str | None = column(lambda row: row.detail["group"].astext)
    expires: bool | None = column(
        lambda row: row.detail["expires"].as_boolean(), "Of assurance: whether it has an end date."
    )
    unit: str | None = column(lambda row: row.detail["unit"].astext)
    kpi_type: str | None = column(lambda row: row.detail["type"].astext)
    direction: str | None = column(lambda row: row.detail["direction"].astext)
    local_to: str | None = column(
        lambda row: row.detail["local_to"].astext, "Of a local KPI: the force that proposed it."
    )
    weight: int | None = column(
        lambda row: row.detail["weight"].as_integer(),
        "Of a criterion of the board: what a round starts from, of 100.",
    )
    pence: Pence | None = column(lambda row: cast(row.detail["pence"].astext, BigInteger))


def label_of(list_: str, value: Any) -> Any:
    """The label of a stored value, or the value itself where the list lost it."""
    row = aliased(Rows)
    # Found once for the statement, whatever the number of rows: a list is short, and a look into
    # an object costs a fifth of a look into an index.
    labels = select(func.jsonb_object_agg(row.id, row.label, type_=JSONB)).where(row.list == list_)
    label = labels.correlate(None).scalar_subquery().op("->>", return_type=Text())(value)
    return func.coalesce(label, value)
