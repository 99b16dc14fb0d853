"""What happens in pooled demand rooms, for suppliers' systems and for whoever watches a pool."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from innohub.db.unit_of_work import UnitOfWork
from innohub.market.catalogue.former_suppliers import supplier_at
from innohub.market.demand.models import Pool
from innohub.outbox.service import DomainEvent


@dataclass(frozen=True, kw_only=True)
class PoolEvent(DomainEvent):
    pool_id: int
    pool_title: str


@dataclass(frozen=True, kw_only=True)
class PoolChanged(PoolEvent):
    """It went a step on, or what forces commit to changed: no single supplier is concerned. Which
    force it was is not told."""

    type: ClassVar[str] = "pool.changed"
    headline: ClassVar[str] = "A pool of demand has changed"

    pool_state: str
    counted_quantity: int
    """Of the commitments that move the price."""


@dataclass(frozen=True, kw_only=True)
class PoolQuotesAsked(PoolEvent):
    """To the systems of each supplier that is asked."""

    type: ClassVar[str] = "pool.quotes_asked"
    headline: ClassVar[str] = "A supplier is asked to quote for a pool of demand"

    technology_id: int
    technology_name: str
    quotes_by: date
    price_unit: str
    price_interval: str
    term_months: int
    indicative_quantity: int


@dataclass(frozen=True, kw_only=True)
class PoolTierReached(PoolEvent):
    """At the supplier's own quote; others' quotes are not told."""

    type: ClassVar[str] = "pool.tier_reached"
    headline: ClassVar[str] = "A pool of demand reaches a tier of a quote"

    quote_id: int
    tier_from_quantity: int
    unit_price_pence: int
    counted_quantity: int


@dataclass(frozen=True, kw_only=True)
class QuoteAccepted(PoolEvent):
    """The pool is awarded at the supplier's quote. Sums are of the whole term, without VAT."""

    type: ClassVar[str] = "quote.accepted"
    headline: ClassVar[str] = "Forces accept a quote, together"

    quote_id: int
    quote_number: int
    technology_id: int
    quantity: int
    force_count: int
    tier_from_quantity: int
    unit_price_pence: int
    total_pence: int
    call_off_until: date


def stream_of(pool: Pool, supplier_id: int | None = None) -> str:
    """The pool's own stream, or one supplier's, so that each counts without gaps."""
    stream = f"pool/{pool.id}"
    return stream if supplier_id is None else f"{stream}/supplier/{supplier_id}"


async def stream_about(work: UnitOfWork, pool: Pool, technology_id: int, supplier_id: int) -> str:
    """The stream of a technology's supplier. It keeps the number of whoever listed the technology
    when the pool began: what has begun goes on in order, though they became part of another."""
    began = await supplier_at(work, technology_id, supplier_id, pool.created_at)
    return stream_of(pool, began)
