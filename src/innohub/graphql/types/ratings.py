"""Ratings by forces, and what they add up to."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from innohub.graphql.read.declare import (
    Connection,
    Node,
    Row,
    column,
    node,
    one,
    paged,
    part,
    where,
)
from innohub.graphql.types.catalogue import OF_TECHNOLOGY, Technology
from innohub.graphql.types.organisations import Force
from innohub.graphql.types.versions import ListingVersion
from innohub.market.catalogue import models as catalogue
from innohub.market.forces import peers
from innohub.market.ratings import models as rows
from innohub.market.ratings import policy, summary
from innohub.market.ratings.models import Words

if TYPE_CHECKING:
    from innohub.graphql.types.pilots import Pilot

    Earlier = Connection["Rating"]
else:
    Pilot = Annotated["Pilot", strawberry.lazy("innohub.graphql.types.pilots")]
    Earlier = Connection[Annotated["Rating", strawberry.lazy("innohub.graphql.types.ratings")]]

strawberry.enum(Words, name="RatingWords")


def stands(rating: Row) -> Any:
    """Not superseded: what the force says today."""
    return rating.superseded_at.is_(None)


@node(rows.Rating, policy.visible, name="Rating", follows=OF_TECHNOLOGY)
class Rating(Node):
    """One force's rating of one listing version, 1 (poor) to 5 (excellent) in each dimension."""

    number: int = column(rows.Rating.id, "As in its page's address.")
    affordability: int = column(rows.Rating.affordability)
    capability: int = column(rows.Rating.capability)
    deployability: int = column(rows.Rating.deployability)
    maintainability: int = column(rows.Rating.maintainability)
    usability: int = column(rows.Rating.usability)
    overall: float = column(rows.Rating.overall, "The mean of the five.")
    comment: str | None = column(
        rows.Rating.comment,
        "Null while the company has hidden it, except for its force and for moderators.",
        shown=policy.comment_shown,
    )
    comment_hidden_because: str | None = column(
        rows.Rating.comment_hidden_because, "Why the company hid the comment; null while it stands."
    )
    reply: str | None = column(
        rows.Rating.reply,
        "The supplier's one reply; while it is hidden, only for the supplier and for moderators.",
        shown=policy.reply_shown,
    )
    reply_hidden_because: str | None = column(rows.Rating.reply_hidden_because)
    replied_at: datetime | None = column(rows.Rating.replied_at)
    rated_at: datetime = column(rows.Rating.created_at)
    superseded_at: datetime | None = column(
        rows.Rating.superseded_at, "When the force put a newer rating in its place."
    )
    demonstration: bool = column(rows.Rating.demonstration)
    force: Force | None = one(lambda row, force: force.id == row.force_id)
    technology: Technology | None = one(lambda row, other: other.id == row.technology_id)
    version: ListingVersion | None = one(lambda row, other: other.id == row.listing_version_id)
    pilot: Pilot | None = one(lambda row, pilot: pilot.id == row.pilot_id)
    earlier: Earlier = paged(
        lambda row, other: _earlier(row, other),
        "What the force said of this version before, the latest first.",
    )


def _earlier(row: Row, other: Row) -> Any:
    same = (other.force_id == row.force_id) & (other.listing_version_id == row.listing_version_id)
    return same & (other.id < row.id)


def _mean_of(dimension: str) -> Any:
    return lambda technology: summary.dimension_mean(technology.id, dimension)


def _forces_at(star: int) -> Any:
    return column(lambda technology: summary.forces_at(technology.id, star))


@strawberry.type(description="How many forces gave how many stars over all, to the nearest.")
class RatingDistribution:
    one: int = _forces_at(1)
    two: int = _forces_at(2)
    three: int = _forces_at(3)
    four: int = _forces_at(4)
    five: int = _forces_at(5)


@strawberry.type(
    description="What all forces together think of a technology; each counts once, with its rating "
    "of the newest version that it rated."
)
class RatingSummary:
    shrunk_mean: float = column(
        catalogue.Technology.rating_mean,
        "The mean of all overall ratings, drawn towards 3.0 with the weight of three forces.",
    )
    count: int = column(catalogue.Technology.rating_count, "How many forces rated it.")
    distribution: RatingDistribution = part()
    affordability: float | None = column(_mean_of("affordability"))
    capability: float | None = column(_mean_of("capability"))
    deployability: float | None = column(_mean_of("deployability"))
    maintainability: float | None = column(_mean_of("maintainability"))
    usability: float | None = column(_mean_of("usability"))


@strawberry.input
class RatingFilter:
    forces_like: strawberry.ID | None = where(
        lambda row, value: peers.like(value, row.force_id),
        "A force's id: only by forces like it.",
        id_of="Force",
    )
