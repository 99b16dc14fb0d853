"""Forces rate what they piloted, and may change their minds; nobody else can."""

from sqlalchemy import select, update

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Denied, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation, Role
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.catalogue.models import ListingVersion, Technology
from innohub.market.pilots import service as pilots
from innohub.market.pilots.models import Pilot, PilotState
from innohub.market.ratings import policy, summary
from innohub.market.ratings.commands import ChangeRating, RatePilot
from innohub.market.ratings.events import RatingCreated
from innohub.market.ratings.loading import page_of, visible_rating
from innohub.market.ratings.models import DIMENSIONS, Rating
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify
from innohub.outbox.service import record

RATEABLE = frozenset(
    {
        PilotState.STOPPED,
        PilotState.ANALYSING,
        PilotState.REPORTED,
        PilotState.DECIDED,
        PilotState.PUBLISHED,
    }
)
"""The force has used the technology to the pilot's end, or stopped it: its experience is complete,
whether or not the figures are computed and published yet."""


async def rate(work: UnitOfWork, actor: Actor, command: RatePilot) -> Rating:
    """Rate the technology of a pilot that one's own force ran or joined, and bring its average up
    to date.

    Raises NotFound, Denied for other forces' pilots or a trial from the literature, WrongState
    before the pilot was completed or stopped, Conflict where the force rated this version already.
    """
    pilot, force = await _own_pilot(work, actor, command)
    if pilot.state not in RATEABLE:
        state = pilot.state.replace("_", " ")
        raise WrongState(
            f"This pilot is {state}. It can be rated once it was completed or stopped."
        )
    technology = await _locked(work, pilot.technology_id)
    await _only_one(work, force.id, pilot.listing_version_id)
    rating = _given(work, actor, command, pilot, force.id)
    await _store(work, "rating:create", rating, technology, force)
    return rating


async def change(work: UnitOfWork, actor: Actor, command: ChangeRating) -> Rating:
    """Put a new rating in the place of one's own force's earlier one.

    Raises NotFound, Denied for another force's rating, Conflict where it was superseded meanwhile.
    """
    seen = await visible_rating(work, actor, command.rating_id)
    actor.require(Permission.RATING_CREATE, seen.force_id)
    technology = await _locked(work, seen.technology_id)
    earlier = await work.session.get_one(Rating, seen.id, populate_existing=True)
    if earlier.superseded_at is not None:
        raise Conflict("A newer rating by your force took this one's place. Load it again.")
    earlier.superseded_at = work.now
    # Before the new one is written: of each version a force has one rating that stands.
    await work.session.flush()
    force = await work.session.get_one(Organisation, earlier.force_id)
    rating = _given(work, actor, command, earlier, force.id)
    await _store(work, "rating:change", rating, technology, force, earlier)
    return rating


async def _own_pilot(
    work: UnitOfWork, actor: Actor, command: RatePilot
) -> tuple[Pilot, Organisation]:
    known = policy.pilot_known(Pilot, Viewer(actor))
    pilot = await work.session.scalar(select(Pilot).where(Pilot.id == command.pilot_id, known))
    if pilot is None:
        raise NotFound("This pilot does not exist.")
    permission = Permission.RATING_CREATE
    if pilot.force_id is None:
        actor.require(permission)
        raise Denied("A trial from the literature was not run by your force.")
    force_id = await pilots.acting_force(work, actor, pilot, permission, command.force_id)
    return pilot, await work.session.get_one(Organisation, force_id)


async def _locked(work: UnitOfWork, technology_id: int) -> Technology:
    """Under the technology's lock two raters of one force cannot both pass."""
    return await work.session.get_one(
        Technology, technology_id, with_for_update=True, populate_existing=True
    )


async def _only_one(work: UnitOfWork, force_id: int, listing_version_id: int) -> None:
    before = select(Rating.id).where(
        Rating.force_id == force_id,
        Rating.listing_version_id == listing_version_id,
        Rating.superseded_at.is_(None),
    )
    if await work.session.scalar(before) is not None:
        raise Conflict("Your force has rated this version already. Change that rating instead.")


def _given(
    work: UnitOfWork,
    actor: Actor,
    command: RatePilot | ChangeRating,
    about: Pilot | Rating,
    force_id: int,
) -> Rating:
    """The rating that the command asks for, of the version that `about` names."""
    return Rating(
        technology_id=about.technology_id,
        listing_version_id=about.listing_version_id,
        pilot_id=about.pilot_id if isinstance(about, Rating) else about.id,
        force_id=force_id,
        author_id=actor.person_id,
        overall=summary.overall([getattr(command, name) for name in DIMENSIONS]),
        demonstration=about.demonstration,
        created_at=work.now,
        comment=command.comment,
        **{name: getattr(command, name) for name in DIMENSIONS},
    )


async def _store(
    work: UnitOfWork,
    action: str,
    rating: Rating,
    technology: Technology,
    force: Organisation,
    earlier: Rating | None = None,
) -> None:
    """Store the rating with the new average, its record, its event and the supplier's notice."""
    work.session.add(rating)
    await _refresh_average(work, technology)
    version = await work.session.get_one(ListingVersion, rating.listing_version_id)
    detail = {name: getattr(rating, name) for name in ("pilot_id", "overall", *DIMENSIONS)}
    await record(
        work,
        action,
        rating,
        detail=detail if earlier is None else {**detail, "in_place_of": earlier.id},
        event=RatingCreated.about(
            rating,
            technology,
            version,
            force_slug=force.slug,
            force_name=force.name,
            in_place_of_an_earlier=earlier is not None,
        ),
    )
    verb = "rated" if earlier is None else "changed its rating of"
    said = f"{force.name} {verb} {technology.name}: {rating.overall:.1f} of 5."
    await notify(
        work,
        kind=NoticeKind.RATING,
        organisation_id=technology.supplier_id,
        roles=[Role.SUPPLIER_ADMIN],
        text=f"{said} You may reply once.",
        path=page_of(rating),
        key=f"rating/{rating.id}/given",
    )


async def _refresh_average(work: UnitOfWork, technology: Technology) -> None:
    """Write the new average to the technology, whose row is locked.

    A plain update: the listing's `revision` counts its edits, and a rating is none.
    """
    await work.session.flush()
    standing = select(Rating).where(
        Rating.technology_id == technology.id, Rating.superseded_at.is_(None)
    )
    found = summary.summarise((await work.session.scalars(standing)).all())
    await work.session.execute(
        update(Technology)
        .where(Technology.id == technology.id)
        .values(rating_mean=found.mean, rating_count=found.forces)
    )
