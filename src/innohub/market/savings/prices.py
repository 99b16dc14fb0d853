"""Prices paid: each call-off with what it was of, for everybody to read."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Mapped

from innohub.db.model import Model
from innohub.market.demand.models import CallOff, Pool, PoolAward
from innohub.market.quotes.models import PriceInterval, PriceUnit, Quote

PAID = (
    select(
        CallOff.id.label("id"),
        CallOff.number.label("number"),
        CallOff.force_id.label("force_id"),
        CallOff.quantity.label("quantity"),
        CallOff.ordered_on.label("ordered_on"),
        CallOff.due_pence.label("due_pence"),
        CallOff.once_pence.label("once_pence"),
        CallOff.paid_pence.label("paid_pence"),
        Pool.id.label("pool_id"),
        Pool.title.label("pool_title"),
        Pool.demonstration.label("demonstration"),
        PoolAward.route.label("route"),
        PoolAward.unit_price_pence.label("unit_price_pence"),
        Quote.technology_id.label("technology_id"),
        Quote.supplier_id.label("supplier_id"),
        Quote.unit.label("unit"),
        Quote.interval.label("interval"),
        Quote.intervals.label("intervals"),
        Quote.term_months.label("term_months"),
    )
    .join(Pool, Pool.id == CallOff.pool_id)
    .join(PoolAward, PoolAward.id == CallOff.award_id)
    .join(Quote, Quote.id == PoolAward.quote_id)
    .subquery("price_paid")
)


class PricePaid(Model):
    """A call-off and what it was of. Not stored."""

    __table__ = PAID
    __mapper_args__ = {"primary_key": [PAID.c.id]}

    id: Mapped[int]
    number: Mapped[int]
    force_id: Mapped[int]
    quantity: Mapped[int]
    ordered_on: Mapped[date]
    due_pence: Mapped[int]
    once_pence: Mapped[int]
    paid_pence: Mapped[int | None]
    pool_id: Mapped[int]
    pool_title: Mapped[str]
    demonstration: Mapped[bool]
    route: Mapped[str]
    unit_price_pence: Mapped[int]
    technology_id: Mapped[int]
    supplier_id: Mapped[int]
    unit: Mapped[PriceUnit]
    interval: Mapped[PriceInterval]
    intervals: Mapped[int]
    term_months: Mapped[int]
