"""Forces rate what they piloted; nobody else can."""

from sqlalchemy import select, update

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Denied, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.catalogue.models import ListingVersion, Technology
from innohub.market.pilots.models import Pilot, PilotState
from innohub.market.ratings import policy, summary
from innohub.market.ratings.commands import RatePilot
from innohub.market.ratings.events import RatingCreated
from innohub.market.ratings.models import DIMENSIONS, Rating
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
    """Rate the technology of one's own force's pilot, and bring its average up to date.

    Raises NotFound, Denied for another force's pilot or a trial from the literature, WrongState
    before the pilot was completed or stopped, Conflict where the force rated this version already.
    """
    pilot, force = await _own_pilot(work, actor, command.pilot_id)
    if pilot.state not in RATEABLE:
        state = pilot.state.replace("_", " ")
        raise WrongState(
            f"This pilot is {state}. It can be rated once it was completed or stopped."
        )
    technology = await work.session.get_one(
        Technology, pilot.technology_id, with_for_update=True, populate_existing=True
    )
    rating = Rating(
        technology_id=technology.id,
        listing_version_id=pilot.listing_version_id,
        force_id=force.id,
        author_id=actor.person_id,
        overall=summary.overall([getattr(command, name) for name in DIMENSIONS]),
        demonstration=pilot.demonstration,
        created_at=work.now,
        **command.model_dump(),
    )
    await _only_one(work, rating)
    work.session.add(rating)
    await _refresh_average(work, technology)
    version = await work.session.get_one(ListingVersion, rating.listing_version_id)
    await record(
        work,
        "rating:create",
        rating,
        detail={name: getattr(rating, name) for name in ("pilot_id", "overall", *DIMENSIONS)},
        event=RatingCreated.about(
            rating, technology, version, force_slug=force.slug, force_name=force.name
        ),
    )
    return rating


async def _own_pilot(work: UnitOfWork, actor: Actor, id: int) -> tuple[Pilot, Organisation]:
    pilot = await work.session.scalar(
        select(Pilot).where(Pilot.id == id, policy.pilot_known(Pilot, Viewer(actor)))
    )
    if pilot is None:
        raise NotFound("This pilot does not exist.")
    actor.require(Permission.RATING_CREATE, pilot.force_id)
    if pilot.force_id is None:
        raise Denied("A trial from the literature was not run by your force.")
    return pilot, await work.session.get_one(Organisation, pilot.force_id)


async def _only_one(work: UnitOfWork, rating: Rating) -> None:
    # Under the technology's lock, so that two raters of one force cannot both pass.
    before = select(Rating.id).where(
        Rating.force_id == rating.force_id,
        Rating.listing_version_id == rating.listing_version_id,
    )
    if await work.session.scalar(before) is not None:
        raise Conflict("Your force has rated this version already.")


async def _refresh_average(work: UnitOfWork, technology: Technology) -> None:
    """Write the new average to the technology, whose row is locked.

    A plain update: the listing's `revision` counts its edits, and a rating is none.
    """
    await work.session.flush()
    mine = Rating.technology_id == technology.id
    found = summary.summarise((await work.session.scalars(select(Rating).where(mine))).all())
    await work.session.execute(
        update(Technology)
        .where(Technology.id == technology.id)
        .values(rating_mean=found.mean, rating_count=found.forces)
    )
