"""Rating a pilot: who may, when, and what becomes of the technology's average."""

from datetime import date
from typing import Any

import pytest

from innohub.db.identifiers import encode
from innohub.errors import Conflict, Denied, InnoHubError, Invalid, NotFound, WrongState
from innohub.identity.models import Organisation, Role
from innohub.market.catalogue.models import ListingState, ListingVersion, Technology, VersionState
from innohub.market.pilots.models import Pilot, PilotState
from innohub.market.ratings import policy, service
from innohub.market.ratings.commands import RatePilot
from innohub.market.ratings.models import DIMENSIONS, Rating
from innohub.market.ratings.service import RATEABLE
from tests.market.catalogue.stage import UNCONCERNED, Stage, refusal


async def piloted(
    stage: Stage, technology: Technology, force: Organisation | None, **given: Any
) -> Pilot:
    """A pilot as the pilots' service would have stored it; without a force, from the literature."""
    columns: dict[str, Any] = {
        "technology_id": technology.id,
        "supplier_id": technology.supplier_id,
        "listing_version_id": technology.current_version_id,
        "force_id": force and force.id,
        "site": "Medway",
        "title": "Redaction in Medway",
        "question": "Is it quicker?",
        "kpi": "redaction_minutes_per_file",
        "state": PilotState.PUBLISHED,
        "start_on": date(2026, 3, 1),
        "end_on": date(2026, 9, 1),
        "citation": None if force else "A. Author (2015)",
        "demonstration": True,
        "created_at": stage.database.clock(),
    }
    async with stage.database.session() as session, session.begin():
        pilot = Pilot(**columns | given)
        session.add(pilot)
    return pilot


def stars(pilot: Pilot, *given: int, **others: Any) -> RatePilot:
    values = dict(zip(DIMENSIONS, given or (4, 5, 3, 4, 4), strict=True))
    fields = {"pilot_id": pilot.id, "comment": "Quicker than by hand.", **values, **others}
    return RatePilot.parse(fields)


async def rate(stage: Stage, part: str, pilot: Pilot, *given: int) -> Rating:
    rating: Rating = await stage.do(part, service.rate, stars(pilot, *given))
    return rating


async def next_version(stage: Stage, technology: Technology) -> ListingVersion:
    async with stage.database.session() as session, session.begin():
        version = ListingVersion(
            technology_id=technology.id,
            number=2,
            state=VersionState.APPROVED,
            content={},
            content_hash="1" * 64,
            review_due_on=stage.database.clock(),
            created_at=stage.database.clock(),
        )
        session.add(version)
    return version


async def test_only_the_innovation_lead_of_the_force_that_piloted_rates(stage: Stage) -> None:
    pilot = await piloted(stage, await stage.published(), stage.force)
    await stage.try_everybody(service.rate, stars(pilot), allowed={"lead"})


async def test_a_pilot_that_is_no_public_matter_yet_looks_as_if_it_did_not_exist(
    stage: Stage,
) -> None:
    technology = await stage.published()
    pilot = await piloted(stage, technology, stage.force, state=PilotState.SCOPING)
    hidden_from = {
        "rival_admin", "writing_client", "reading_client", "platform_admin", "stranger", "system",
    }  # fmt: skip
    for part in stage.actors:
        with pytest.raises(InnoHubError) as caught:
            await stage.do(part, service.rate, stars(pilot))
        expected = WrongState if part == "lead" else refusal(part, hidden_from)
        assert type(caught.value) is expected, part


async def test_a_pilot_is_rated_once_it_was_completed_or_stopped(stage: Stage) -> None:
    pilot = await piloted(stage, await stage.published(), stage.force)
    await stage.try_every_state("lead", service.rate, stars(pilot), pilot, works_in=RATEABLE)


async def test_a_trial_from_the_literature_is_rated_by_nobody(stage: Stage) -> None:
    pilot = await piloted(stage, await stage.published(), None)
    before = await stage.fingerprint()
    with pytest.raises(Denied, match="literature"):
        await rate(stage, "lead", pilot)
    assert await stage.fingerprint() == before


async def test_a_pilot_that_does_not_exist_cannot_be_rated(stage: Stage) -> None:
    pilot = await piloted(stage, await stage.published(), stage.force)
    with pytest.raises(NotFound):
        await stage.do("lead", service.rate, stars(pilot, pilot_id=pilot.id + 1))


async def test_a_rating_names_the_version_that_was_piloted_and_moves_the_average(
    stage: Stage,
) -> None:
    technology = await stage.published()
    pilot = await piloted(stage, technology, stage.force)
    rating = await stage.load(await rate(stage, "lead", pilot, 5, 5, 4, 5, 5))
    assert rating.listing_version_id == technology.current_version_id
    assert (rating.force_id, rating.author_id) == (stage.force.id, stage.people["lead"].id)
    assert rating.overall == pytest.approx(4.8)
    rated = await stage.load(technology)
    assert rated.rating_count == 1
    assert rated.rating_mean == pytest.approx((3.0 * 3 + 4.8) / 4)
    assert rated.revision == technology.revision, "a rating is no edit of the listing"
    (event,) = await stage.events("rating.created")
    assert event.supplier_id == stage.supplier.id
    assert event.stream == f"technology/{technology.id}"
    assert event.payload["force_slug"] == "kent"
    assert event.payload["version"] == 1
    assert event.payload["rating_mean"] == rated.rating_mean
    assert event.payload["rating_count"] == 1
    assert "author_id" not in event.payload
    assert (await stage.actions())[-1] == "rating:create"


async def test_a_force_rates_one_version_once(stage: Stage) -> None:
    technology = await stage.published()
    pilot = await piloted(stage, technology, stage.force)
    second_site = await piloted(stage, technology, stage.force, site="Thanet")
    await rate(stage, "lead", pilot)
    before = await stage.fingerprint()
    for again in (pilot, second_site):
        with pytest.raises(Conflict, match="rated this version already"):
            await rate(stage, "lead", again)
    assert await stage.fingerprint() == before


async def test_a_force_that_rated_two_versions_counts_once_with_the_newest(stage: Stage) -> None:
    technology = await stage.published()
    first = await piloted(stage, technology, stage.force)
    version = await next_version(stage, technology)
    second = await piloted(stage, technology, stage.force, listing_version_id=version.id)
    await rate(stage, "lead", first, 1, 1, 1, 1, 1)
    await rate(stage, "lead", second, 5, 5, 5, 5, 5)
    rated = await stage.load(technology)
    assert (rated.rating_count, rated.rating_mean) == (1, pytest.approx((9 + 5) / 4))
    assert len(await stage.all(Rating)) == 2


async def test_two_forces_that_rate_at_once_are_both_counted(stage: Stage) -> None:
    technology = await stage.published()
    ours = await piloted(stage, technology, stage.force)
    theirs = await piloted(stage, technology, stage.other_force)
    await stage.overlap(
        ("lead", service.rate, stars(ours, 5, 5, 5, 5, 5)),
        ("other_lead", service.rate, stars(theirs, 2, 2, 2, 2, 2)),
    )
    rated = await stage.load(technology)
    assert (rated.rating_count, rated.rating_mean) == (2, pytest.approx((9 + 5 + 2) / 5))


async def test_of_two_ratings_of_one_force_at_once_one_is_a_conflict(stage: Stage) -> None:
    technology = await stage.published()
    pilot = await piloted(stage, technology, stage.force)
    await stage.cast({"second_lead": (stage.force, Role.FORCE_INNOVATION_LEAD)})
    _, second = await stage.overlap(
        ("lead", service.rate, stars(pilot)), ("second_lead", service.rate, stars(pilot))
    )
    assert isinstance(second, Conflict)
    assert len(await stage.all(Rating)) == 1
    assert (await stage.load(technology)).rating_count == 1


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("value", [0, 6, "", "good"])
def test_each_dimension_takes_one_to_five(dimension: str, value: Any) -> None:
    with pytest.raises(Invalid) as caught:
        stars(Pilot(id=1), **{dimension: value})
    assert caught.value.field == dimension


def test_a_form_s_texts_are_understood() -> None:
    fields = dict.fromkeys(DIMENSIONS, "4")
    command = RatePilot.parse({"pilot_id": encode("Pilot", 3), "comment": "Fine.", **fields})
    assert (command.pilot_id, command.usability) == (3, 4)


async def test_ratings_are_seen_by_whoever_sees_the_listing(stage: Stage) -> None:
    technology = await stage.published()
    rating = await rate(stage, "lead", await piloted(stage, technology, stage.force))
    for part in stage.actors:
        assert await stage.sees(part, Rating, policy.visible) == {rating.id}, part
    await stage.put(technology, state=ListingState.IN_REVIEW)
    for part in UNCONCERNED:
        assert await stage.sees(part, Rating, policy.visible) == set(), part
