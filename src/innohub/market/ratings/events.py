"""What forces think of a technology, as the supplier's systems hear it."""

from dataclasses import dataclass
from typing import ClassVar, Self

from innohub.market.catalogue.models import ListingVersion, Technology
from innohub.market.ratings.models import DIMENSIONS, Rating
from innohub.outbox.service import DomainEvent


@dataclass(frozen=True, kw_only=True)
class RatingCreated(DomainEvent):
    """A force rated the version that it piloted; with the technology's figures as they are now."""

    type: ClassVar[str] = "rating.created"
    headline: ClassVar[str] = "A force rates a technology"

    technology_id: int
    technology_slug: str
    version: int
    pilot_id: int
    force_slug: str
    force_name: str
    affordability: int
    capability: int
    deployability: int
    maintainability: int
    usability: int
    overall: float
    comment: str
    rating_mean: float
    rating_count: int
    in_place_of_an_earlier: bool
    """The force rated this version before, and changed its mind."""

    @classmethod
    def about(
        cls,
        rating: Rating,
        technology: Technology,
        version: ListingVersion,
        *,
        force_slug: str,
        force_name: str,
        in_place_of_an_earlier: bool,
    ) -> Self:
        return cls(
            stream=f"technology/{technology.id}",
            supplier_id=technology.supplier_id,
            technology_id=technology.id,
            technology_slug=technology.slug,
            version=version.number,
            pilot_id=rating.pilot_id,
            force_slug=force_slug,
            force_name=force_name,
            overall=rating.overall,
            comment=rating.comment,
            rating_mean=technology.rating_mean,
            rating_count=technology.rating_count,
            in_place_of_an_earlier=in_place_of_an_earlier,
            **{name: getattr(rating, name) for name in DIMENSIONS},
        )
