"""What a technology's ratings come to: in Python for one list, in SQL for many technologies.

A force counts once, with its rating of the newest version it rated; superseded ratings do not
count. The shrunk mean is the vocabulary's: a prior of 3.0 with the weight of three forces, so that
one enthusiast does not outrank twenty content forces.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import (
    ColumnElement,
    Float,
    ScalarSelect,
    Subquery,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from innohub.market.ratings.models import DIMENSIONS, Rating

PRIOR_MEAN = 3.0
PRIOR_FORCES = 3
STARS = (1, 2, 3, 4, 5)


class Rated(Protocol):
    """What the summary reads of a rating."""

    @property
    def id(self) -> int: ...
    @property
    def force_id(self) -> int: ...
    @property
    def listing_version_id(self) -> int: ...
    @property
    def overall(self) -> float: ...


@dataclass(frozen=True)
class Summary:
    forces: int
    mean: float
    """The shrunk mean over all five dimensions."""
    means: Mapping[str, float]
    """The plain mean of each dimension; empty without ratings."""
    distribution: Mapping[int, int]
    """How many forces gave 1, 2, 3, 4 and 5 over all, to the nearest star."""


def overall(stars: Sequence[int]) -> float:
    """The mean of one rating's dimensions."""
    return sum(stars) / len(stars)


def shrunk(total: float, forces: int) -> float:
    """The shrunk mean of `forces` overall ratings that sum to `total`."""
    return (PRIOR_MEAN * PRIOR_FORCES + total) / (PRIOR_FORCES + forces)


def summarise(ratings: Sequence[Rated]) -> Summary:
    """The summary of one technology's standing ratings, in any order."""
    in_turn = sorted(ratings, key=lambda rated: (rated.listing_version_id, rated.id))
    newest = {rating.force_id: rating for rating in in_turn}
    counted = list(newest.values())
    nearest = [_nearest_star(rating.overall) for rating in counted]
    return Summary(
        forces=len(counted),
        mean=shrunk(sum(rating.overall for rating in counted), len(counted)),
        means={
            name: sum(getattr(rating, name) for rating in counted) / len(counted)
            for name in DIMENSIONS
            if counted
        },
        distribution={star: nearest.count(star) for star in STARS},
    )


def counted_ratings(technology_id: ColumnElement[int]) -> Subquery:
    """The rating that counts of each force, as a subquery correlated to `technology_id`."""
    rating = aliased(Rating)
    columns = [rating.overall, *(getattr(rating, name) for name in DIMENSIONS)]
    return (
        select(rating.force_id, *columns)
        .where(rating.technology_id == technology_id, rating.superseded_at.is_(None))
        .ext(distinct_on(rating.force_id))
        .order_by(rating.force_id, rating.listing_version_id.desc(), rating.id.desc())
        .correlate_except(rating)
        .subquery()
    )


def dimension_mean(technology_id: ColumnElement[int], dimension: str) -> ScalarSelect[float]:
    """SQL: the mean of one of DIMENSIONS over the forces; NULL without ratings."""
    counted = counted_ratings(technology_id)
    return select(func.avg(counted.c[dimension], type_=Float)).scalar_subquery()


def forces_at(technology_id: ColumnElement[int], star: int) -> ScalarSelect[int]:
    """SQL: how many forces gave this star over all, to the nearest."""
    counted = counted_ratings(technology_id)
    nearest = func.floor(counted.c.overall + literal_column("0.5"))
    return select(func.count().filter(nearest == literal_column(str(star)))).scalar_subquery()


def _nearest_star(overall: float) -> int:
    # Five whole dimensions have a mean in fifths: never half way between two stars.
    return int(overall + 0.5)
