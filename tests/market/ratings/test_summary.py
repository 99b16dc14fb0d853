"""What ratings come to, in Python and in SQL."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from innohub.market.catalogue.models import Technology
from innohub.market.ratings.models import DIMENSIONS, Rating
from innohub.market.ratings.summary import (
    STARS,
    dimension_mean,
    forces_at,
    overall,
    shrunk,
    summarise,
)
from tests.market.catalogue.stage import Stage
from tests.market.ratings.test_rating import next_version, piloted


@dataclass(frozen=True)
class Given:
    id: int
    force_id: int
    listing_version_id: int
    affordability: int
    capability: int
    deployability: int
    maintainability: int
    usability: int

    @property
    def overall(self) -> float:
        return overall([getattr(self, name) for name in DIMENSIONS])


star = st.integers(min_value=1, max_value=5)
ratings = st.lists(
    st.builds(
        Given,
        id=st.integers(min_value=1),
        force_id=st.integers(min_value=1, max_value=6),
        listing_version_id=st.integers(min_value=1, max_value=3),
        affordability=star,
        capability=star,
        deployability=star,
        maintainability=star,
        usability=star,
    ),
    max_size=12,
    unique_by=lambda rating: rating.id,
)


def test_without_ratings_the_mean_is_the_prior() -> None:
    nothing = summarise([])
    assert (nothing.forces, nothing.mean, nothing.means) == (0, 3.0, {})
    assert nothing.distribution == {1: 0, 2: 0, 3: 0, 4: 0, 5: 0}


def test_one_enthusiast_does_not_outrank_twenty_content_forces() -> None:
    assert shrunk(5.0, 1) < shrunk(4.0 * 20, 20)


def test_of_the_versions_that_a_force_rated_the_newest_counts() -> None:
    of_the_newer_version = Given(1, 1, 2, 5, 5, 5, 5, 5)
    of_the_older_changed_since = Given(2, 1, 1, 1, 1, 1, 1, 1)
    found = summarise([of_the_older_changed_since, of_the_newer_version])
    assert (found.forces, found.distribution[5]) == (1, 1)


@given(ratings, st.randoms())
def test_the_order_of_ratings_does_not_matter(given: list[Given], random: object) -> None:
    shuffled = list(given)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = summarise(given), summarise(shuffled)
    assert (one.forces, one.distribution) == (other.forces, other.distribution)
    assert one.mean == pytest.approx(other.mean)


@given(ratings)
def test_a_summary_stays_within_its_ratings(given: list[Given]) -> None:
    found = summarise(given)
    assert found.forces == len({rating.force_id for rating in given})
    assert sum(found.distribution.values()) == found.forces
    assert 1 < found.mean < 5
    for mean in found.means.values():
        assert 1 <= mean <= 5
    assert set(found.means) == (set(DIMENSIONS) if given else set())


async def test_sql_says_the_same_as_python(stage: Stage) -> None:
    technology = await stage.published()
    silent = await stage.published(name="Never rated")
    version = await next_version(stage, technology)
    rows = [
        (stage.force, technology.current_version_id, (1, 1, 2, 1, 1)),
        (stage.force, version.id, (5, 4, 4, 3, 5)),
        (stage.other_force, version.id, (2, 3, 2, 3, 1)),
    ]
    superseded = (stage.other_force, version.id, (5, 5, 5, 5, 5))
    for force, version_id, stars in [superseded, *rows]:
        pilot = await piloted(stage, technology, force)
        async with stage.database.session() as session, session.begin():
            session.add(
                Rating(
                    technology_id=technology.id,
                    listing_version_id=version_id,
                    pilot_id=pilot.id,
                    force_id=force.id,
                    overall=overall(stars),
                    comment="As it was.",
                    superseded_at=stage.database.clock() if stars == superseded[2] else None,
                    created_at=stage.database.clock(),
                    **dict(zip(DIMENSIONS, stars, strict=True)),
                )
            )
    standing = [rating for rating in await stage.all(Rating) if rating.superseded_at is None]
    expected = summarise(standing)
    columns = [dimension_mean(Technology.id, name).label(name) for name in DIMENSIONS]
    columns += [forces_at(Technology.id, star).label(f"star_{star}") for star in STARS]
    query = select(Technology.id, *columns)
    async with stage.database.session() as session:
        found = {row.id: row for row in await session.execute(query)}
    rated, unrated = found[technology.id], found[silent.id]
    for star in STARS:
        assert getattr(rated, f"star_{star}") == expected.distribution[star]
        assert getattr(unrated, f"star_{star}") == 0
    for name in DIMENSIONS:
        assert getattr(rated, name) == pytest.approx(expected.means[name])
        assert getattr(unrated, name) is None
