"""What happens to listings, as the supplier's systems hear it."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from innohub.market.catalogue.models import ListingVersion, Technology
from innohub.outbox.service import DomainEvent


@dataclass(frozen=True, kw_only=True)
class ListingEvent(DomainEvent):
    """The listing, and the version that the event is about."""

    technology_id: int
    technology_slug: str
    technology_name: str
    version: int
    content_hash: str

    @classmethod
    def about(cls, technology: Technology, version: ListingVersion, **facts: Any) -> Self:
        return cls(
            stream=f"technology/{technology.id}",
            supplier_id=technology.supplier_id,
            technology_id=technology.id,
            technology_slug=technology.slug,
            technology_name=technology.name,
            version=version.number,
            content_hash=version.content_hash,
            **facts,
        )


@dataclass(frozen=True, kw_only=True)
class VersionCreated(ListingEvent):
    """A version was submitted and awaits its review."""

    type: ClassVar[str] = "listing.version_created"
    headline: ClassVar[str] = "A version of a listing is submitted"


@dataclass(frozen=True, kw_only=True)
class ListingPublished(ListingEvent):
    """The version is the public one now: after its review, or after a suspension was lifted."""

    type: ClassVar[str] = "listing.published"
    headline: ClassVar[str] = "A version of a listing is published"


@dataclass(frozen=True, kw_only=True)
class ListingSuspended(ListingEvent):
    """The listing can be read, but nothing new starts with it."""

    type: ClassVar[str] = "listing.suspended"
    headline: ClassVar[str] = "A listing is suspended"

    reason: str
