"""What happens to assurance items, as the supplier's systems hear it.

Of an item that is marked SENSITIVE only a pointer leaves the hub.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Self

from innohub.market.assurance.models import AssuranceItem, Classification
from innohub.market.catalogue.models import Technology
from innohub.outbox.disclosure import Pointer
from innohub.outbox.service import DomainEvent


@dataclass(frozen=True, kw_only=True)
class ItemEvent(DomainEvent):
    technology_id: int
    technology_slug: str
    item_id: int
    item_type: str
    reference: str
    expires_on: date | None

    @classmethod
    def about(cls, item: AssuranceItem, technology: Technology, **facts: Any) -> Self:
        return cls(
            stream=f"technology/{technology.id}",
            supplier_id=technology.supplier_id,
            sensitive=item.classification is Classification.OFFICIAL_SENSITIVE,
            technology_id=technology.id,
            technology_slug=technology.slug,
            item_id=item.id,
            item_type=item.type,
            reference=item.reference,
            expires_on=item.expires_on,
            **facts,
        )

    def pointer(self) -> Pointer:
        return Pointer("assurance_item", self.item_id, f"/assurance/{self.item_id}")


@dataclass(frozen=True, kw_only=True)
class ItemVerified(ItemEvent):
    """The market's assurance officer confirmed the item."""

    type: ClassVar[str] = "assurance.verified"
    headline: ClassVar[str] = "An assurance item is verified"


@dataclass(frozen=True, kw_only=True)
class ItemExpiring(ItemEvent):
    """The item expires soon, or did so today."""

    type: ClassVar[str] = "assurance.expiring"
    headline: ClassVar[str] = "An assurance item expires soon, or has expired"

    days_left: int
    """0 when it has expired."""
