"""What a pilot costs, against the procurement threshold of the day."""

from typing import Any

import strawberry
from sqlalchemy import BigInteger, cast, func, literal_column, select
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import Row, column
from innohub.graphql.types.reference import label_of
from innohub.graphql.types.scalars import Pence
from innohub.identity.models import ReferenceValue
from innohub.market.london import today_in_london
from innohub.market.pilots import models as rows
from innohub.market.pilots.procurement import THRESHOLD


def _total(row: Row) -> Any:
    amounts = (row.cost_pence, row.options_pence, row.vat_pence)
    return sum((func.coalesce(amount, 0) for amount in amounts), start=literal_column("0"))


def _threshold() -> Any:
    value = aliased(ReferenceValue)
    return (
        select(cast(value.detail["pence"].astext, BigInteger))
        .where(
            value.list == "procurement_threshold",
            value.id == THRESHOLD,
            func.coalesce(value.valid_to, today_in_london()) >= today_in_london(),
        )
        .correlate_except(value)
        .scalar_subquery()
    )


@strawberry.type(description="What a pilot costs, VAT apart, against the procurement threshold.")
class PilotCosts:
    cost_pence: Pence = column(rows.Pilot.cost_pence, "Of the pilot, without VAT.")
    options_pence: Pence = column(
        lambda row: func.coalesce(row.options_pence, 0), "Of its options, without VAT."
    )
    vat_pence: Pence = column(lambda row: func.coalesce(row.vat_pence, 0), "On both.")
    total_pence: Pence = column(lambda row: _total(row), "All three: what the threshold counts.")
    threshold_pence: Pence | None = column(
        lambda row: _threshold(), "Of the Procurement Act 2023 for forces, with VAT."
    )
    over_threshold: bool | None = column(
        lambda row: _total(row) >= _threshold(), "Whether a lawful route must be recorded."
    )
    route: str | None = column(rows.Pilot.procurement_route)
    route_label: str | None = column(
        lambda row: label_of("procurement_route", row.procurement_route)
    )
