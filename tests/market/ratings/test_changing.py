"""A force changes its mind: the new rating counts, the old one stays readable."""

from typing import Any

import pytest

from innohub.errors import Conflict, NotFound
from innohub.identity.models import Role
from innohub.market.catalogue.models import ListingState
from innohub.market.ratings import service
from innohub.market.ratings.commands import ChangeRating
from innohub.market.ratings.models import DIMENSIONS, Rating
from tests.market.catalogue.stage import Stage
from tests.market.ratings.test_rating import piloted, rate


def changed(rating: Rating, stars: int, **others: Any) -> ChangeRating:
    fields = {"rating_id": rating.id, "comment": "Better since the update."}
    return ChangeRating.parse({**fields, **dict.fromkeys(DIMENSIONS, stars), **others})


async def in_turn(stage: Stage) -> list[Rating]:
    return sorted(await stage.all(Rating), key=lambda rating: rating.id)


async def test_only_the_innovation_lead_of_its_force_changes_a_rating(stage: Stage) -> None:
    rating = await rate(stage, "lead", await piloted(stage, await stage.published(), stage.force))
    await stage.try_everybody(service.change, changed(rating, 5), allowed={"lead"})


async def test_the_new_rating_counts_and_the_old_one_stays_word_for_word(stage: Stage) -> None:
    technology = await stage.published()
    first = await rate(stage, "lead", await piloted(stage, technology, stage.force), 1, 1, 1, 1, 1)
    second = await stage.do("lead", service.change, changed(first, 5))
    old, new = await in_turn(stage)
    assert (old.id, new.id) == (first.id, second.id)
    assert old.superseded_at is not None
    assert (old.overall, old.comment) == (1.0, "Quicker than by hand.")
    assert new.superseded_at is None
    assert (new.pilot_id, new.listing_version_id) == (old.pilot_id, old.listing_version_id)
    rated = await stage.load(technology)
    assert (rated.rating_count, rated.rating_mean) == (1, pytest.approx((9 + 5) / 4))
    told, retold = await stage.events("rating.created")
    assert told.payload["in_place_of_an_earlier"] is False
    assert retold.payload["in_place_of_an_earlier"] is True
    assert (await stage.actions())[-1] == "rating:change"


async def test_a_rating_that_was_superseded_is_not_changed_again(stage: Stage) -> None:
    rating = await rate(stage, "lead", await piloted(stage, await stage.published(), stage.force))
    await stage.do("lead", service.change, changed(rating, 5))
    before = await stage.fingerprint()
    with pytest.raises(Conflict, match="took this one's place"):
        await stage.do("lead", service.change, changed(rating, 2))
    assert await stage.fingerprint() == before


async def test_of_two_changes_at_once_one_is_a_conflict(stage: Stage) -> None:
    rating = await rate(stage, "lead", await piloted(stage, await stage.published(), stage.force))
    await stage.cast({"second_lead": (stage.force, Role.FORCE_INNOVATION_LEAD)})
    _, second = await stage.overlap(
        ("lead", service.change, changed(rating, 5)),
        ("second_lead", service.change, changed(rating, 2)),
    )
    assert isinstance(second, Conflict)
    assert [one.superseded_at is None for one in await in_turn(stage)] == [False, True]


async def test_a_rating_that_cannot_be_seen_cannot_be_changed(stage: Stage) -> None:
    technology = await stage.published()
    rating = await rate(stage, "lead", await piloted(stage, technology, stage.force))
    await stage.put(technology, state=ListingState.IN_REVIEW)
    with pytest.raises(NotFound):
        await stage.do("lead", service.change, changed(rating, 5))
