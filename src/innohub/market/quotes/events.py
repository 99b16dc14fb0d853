"""What happens to quotes, as the supplier's systems hear it."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from innohub.outbox.service import DomainEvent


@dataclass(frozen=True, kw_only=True)
class QuoteSubmitted(DomainEvent):
    """A price stands: for any force, or where `pool_id` is given for that pool alone."""

    type: ClassVar[str] = "quote.submitted"
    headline: ClassVar[str] = "A supplier quotes a price for its listing"

    quote_id: int
    quote_number: int
    """Counts the quotes for the listing."""
    technology_id: int
    technology_slug: str
    technology_name: str
    version: int
    """Of the listing: what is quoted for."""
    pool_id: int | None
    unit_price_pence: int
    """Of the lowest quantity, without VAT."""
    price_unit: str
    price_interval: str
    min_quantity: int
    tier_mode: str
    tier_count: int
    term_months: int
    valid_until: date
