"""What happens to assurance items, as the supplier's systems hear it."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Self

from innohub.market.assurance.models import AssuranceItem
from innohub.market.catalogue.models import Technology
from innohub.outbox.service import DomainEvent


@dataclass(frozen=True, kw_only=True)
class ItemVerified(DomainEvent):
    """The market's assurance officer confirmed the item."""

    type: ClassVar[str] = "assurance.verified"

    technology_id: int
    technology_slug: str
    item_id: int
    item_type: str
    reference: str
    expires_on: date | None

    @classmethod
    def about(cls, item: AssuranceItem, technology: Technology) -> Self:
        return cls(
            stream=f"technology/{technology.id}",
            supplier_id=technology.supplier_id,
            technology_id=technology.id,
            technology_slug=technology.slug,
            item_id=item.id,
            item_type=item.type,
            reference=item.reference,
            expires_on=item.expires_on,
        )
