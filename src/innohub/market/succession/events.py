"""Suppliers that become one, as their systems hear it."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from innohub.outbox.service import DomainEvent


@dataclass(frozen=True, kw_only=True)
class SupplierMerged(DomainEvent):
    """Another supplier became part of this one. Its technologies, pilots and quotes are this one's
    from now on, and so are its connections, with what still waits in them."""

    type: ClassVar[str] = "supplier.merged"
    headline: ClassVar[str] = "Two suppliers become one"

    former_slug: str
    former_name: str
    supplier_slug: str
    supplier_name: str
    last_day: date
