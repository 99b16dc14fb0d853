"""The supplier's one reply to a rating."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import Role
from innohub.identity.permissions import Permission
from innohub.market.catalogue.models import Technology
from innohub.market.ratings.commands import ReplyToRating
from innohub.market.ratings.loading import page_of, visible_rating
from innohub.market.ratings.models import Rating
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify
from innohub.outbox.service import record


async def reply(work: UnitOfWork, actor: Actor, command: ReplyToRating) -> Rating:
    """Answer a rating of one's own technology. The reply is public and cannot be changed.

    Raises NotFound, Denied, WrongState for a rating that was superseded, Conflict where it has a
    reply already.
    """
    rating = await visible_rating(work, actor, command.rating_id)
    technology = await work.session.get_one(Technology, rating.technology_id)
    actor.require(Permission.RATING_REPLY, technology.supplier_id)
    await work.session.refresh(rating, with_for_update=True)
    if rating.superseded_at is not None:
        raise WrongState("The force changed its rating since. Reply to the one that stands.")
    if rating.reply is not None:
        raise Conflict("This rating has a reply already: there is one to each.")
    rating.reply = command.reply
    rating.replied_at = work.now
    rating.replied_by_id = actor.person_id
    await record(work, "rating:reply", rating, detail={"technology": technology.slug})
    await notify(
        work,
        kind=NoticeKind.RATING,
        organisation_id=rating.force_id,
        roles=[Role.FORCE_INNOVATION_LEAD],
        text=f"The supplier of {technology.name} replied to your force's rating.",
        path=page_of(rating),
        key=f"rating/{rating.id}/reply",
    )
    return rating
