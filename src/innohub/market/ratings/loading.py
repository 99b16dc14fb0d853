"""Ratings as the services load them: what the actor may see, locked where it is changed."""

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import NotFound
from innohub.identity.actor import Actor
from innohub.identity.viewer import Viewer
from innohub.market.ratings import policy
from innohub.market.ratings.models import Rating


async def visible_rating(work: UnitOfWork, actor: Actor, id: int, *, lock: bool = False) -> Rating:
    """Raises NotFound for a rating that does not exist or that the actor may not see."""
    query = select(Rating).where(Rating.id == id, policy.visible(Rating, Viewer(actor)))
    rating = await work.session.scalar(query)
    if rating is None:
        raise NotFound("This rating does not exist.")
    if lock:
        await work.session.refresh(rating, with_for_update=True)
    return rating


def page_of(rating: Rating) -> str:
    """The address of the rating's own page."""
    return f"/ratings/{rating.id}"
