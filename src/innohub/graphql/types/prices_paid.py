"""Prices paid: what each force called off, at what price, for everybody to read."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import strawberry
from sqlalchemy import func, literal_column, select, true
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import Connection, Row, Term, among, column, node, one, where
from innohub.graphql.types.catalogue import Technology
from innohub.graphql.types.organisations import Force, Supplier, by_slugs
from innohub.graphql.types.reference import label_of
from innohub.graphql.types.scalars import Pence
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.catalogue.prices import PriceInterval, PriceUnit
from innohub.market.savings.models import OF_PRICE, STANDING, Saving, SavingsBaseline
from innohub.market.savings.prices import PricePaid as Rows


def everybody(row: Row, viewer: Viewer) -> Any:
    """Call-offs are public, with the price that was paid."""
    return true()


@node(Rows, everybody, name="PricePaid")
class PricePaid:
    """A call-off, with what was bought and what was paid. Sums are without VAT."""

    number: int = column(lambda row: row.id, "Of the call-off, over all pools.")
    call_off_number: int = column(lambda row: row.number, "Counts the pool's call-offs.")
    pool_number: int = column(lambda row: row.pool_id)
    pool_title: str = column(lambda row: row.pool_title)
    route: str = column(lambda row: row.route)
    route_label: str = column(lambda row: label_of("procurement_route", row.route))
    quantity: int = column(lambda row: row.quantity)
    unit: PriceUnit = column(lambda row: row.unit)
    interval: PriceInterval = column(lambda row: row.interval)
    intervals: int = column(lambda row: row.intervals, "How often the price is paid in the term.")
    term_months: int = column(lambda row: row.term_months)
    unit_price_pence: Pence = column(
        lambda row: row.unit_price_pence, "Of the tier at the award, for one interval."
    )
    due_pence: Pence = column(lambda row: row.due_pence, "For the units, by the quote.")
    once_pence: Pence = column(lambda row: row.once_pence, "Set-up and training.")
    paid_pence: Pence | None = column(
        lambda row: row.paid_pence, "The price actually paid, once the force records it."
    )
    ordered_on: date = column(lambda row: row.ordered_on)
    demonstration: bool = column(lambda row: row.demonstration)
    to_claim: bool = column(
        lambda row, viewer: _to_claim(row, viewer),
        "Whether the viewer's force paid it, has a baseline, and claimed no saving of it yet.",
    )
    force: Force | None = one(lambda row, force: force.id == row.force_id)
    supplier: Supplier | None = one(lambda row, supplier: supplier.id == row.supplier_id)
    technology: Technology | None = one(lambda row, other: other.id == row.technology_id)


def _to_claim(row: Row, viewer: Viewer) -> Any:
    baseline, saving = aliased(SavingsBaseline), aliased(Saving)
    declared = (
        select(baseline.id)
        .where(baseline.pool_id == row.pool_id, baseline.force_id == row.force_id)
        .correlate_except(baseline)
        .exists()
    )
    claimed = (
        select(saving.id)
        .where(
            saving.call_off_id == row.id,
            saving.saving_class.in_(_words(OF_PRICE)),
            saving.state.in_(_words(STANDING)),
        )
        .correlate_except(saving)
        .exists()
    )
    own = func.coalesce(viewer.among(row.force_id, Permission.SAVINGS_ENTER), False)
    return own & row.paid_pence.is_not(None) & declared & ~claimed


def _words(values: Any) -> list[Any]:
    return [literal_column(f"'{value}'") for value in sorted(values)]


@strawberry.input
class PricePaidFilter:
    force: list[str] | None = where(
        lambda row, value: row.force_id.in_(by_slugs(value)), "Slugs of forces."
    )
    technology: strawberry.ID | None = where(
        lambda row, value: row.technology_id == value, id_of="Technology"
    )
    number: list[int] | None = where(lambda row, value: among(row.id, value))


def as_ordered(row: Row, given: Mapping[str, Any]) -> list[Term]:
    """The newest first."""
    return [Term(row.id, descending=True, unique=True)]


PricePaidConnection = Connection[PricePaid]
