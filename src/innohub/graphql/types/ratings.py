"""Ratings by forces, and what they add up to."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from sqlalchemy import Float, cast, func, select
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import Node, Row, column, node, one
from innohub.graphql.types.catalogue import OF_TECHNOLOGY, ListingVersion, Technology
from innohub.graphql.types.organisations import Force
from innohub.market.catalogue import models as catalogue
from innohub.market.ratings import models as rows
from innohub.market.ratings import policy

if TYPE_CHECKING:
    from innohub.graphql.types.pilots import Pilot
else:
    Pilot = Annotated["Pilot", strawberry.lazy("innohub.graphql.types.pilots")]


@node(rows.Rating, policy.visible, name="Rating", follows=OF_TECHNOLOGY)
class Rating(Node):
    """One force's rating of one listing version, 1 (poor) to 5 (excellent) in each dimension."""

    affordability: int = column(rows.Rating.affordability)
    capability: int = column(rows.Rating.capability)
    deployability: int = column(rows.Rating.deployability)
    maintainability: int = column(rows.Rating.maintainability)
    usability: int = column(rows.Rating.usability)
    overall: float = column(rows.Rating.overall, "The mean of the five.")
    comment: str = column(rows.Rating.comment)
    rated_at: datetime = column(rows.Rating.created_at)
    demonstration: bool = column(rows.Rating.demonstration)
    force: Force | None = one(lambda row, force: force.id == row.force_id)
    technology: Technology | None = one(lambda row, other: other.id == row.technology_id)
    version: ListingVersion | None = one(lambda row, other: other.id == row.listing_version_id)
    pilot: Pilot | None = one(lambda row, pilot: pilot.id == row.pilot_id)


def _mean_of(dimension: str) -> Any:
    def mean(technology: Row) -> Any:
        rating = aliased(rows.Rating)
        return (
            select(cast(func.avg(getattr(rating, dimension)), Float))
            .where(rating.technology_id == technology.id)
            .correlate_except(rating)
            .scalar_subquery()
        )

    return mean


@strawberry.type(description="What all forces together think of a technology.")
class RatingSummary:
    shrunk_mean: float = column(
        catalogue.Technology.rating_mean,
        "The mean of all overall ratings, drawn towards 3.0 with the weight of three forces.",
    )
    count: int = column(catalogue.Technology.rating_count, "How many forces rated it.")
    affordability: float | None = column(_mean_of("affordability"))
    capability: float | None = column(_mean_of("capability"))
    deployability: float | None = column(_mean_of("deployability"))
    maintainability: float | None = column(_mean_of("maintainability"))
    usability: float | None = column(_mean_of("usability"))
