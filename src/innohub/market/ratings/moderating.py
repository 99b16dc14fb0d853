"""The company hides words that break the rules, for a reason that anybody can read, and shows them
again where that was wrong. It never touches a score."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import Role
from innohub.identity.permissions import Permission
from innohub.market.catalogue.models import Technology
from innohub.market.ratings.commands import HideWords, ReinstateWords
from innohub.market.ratings.loading import page_of, visible_rating
from innohub.market.ratings.models import Rating, Words
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify
from innohub.outbox.service import record


async def hide(work: UnitOfWork, actor: Actor, command: HideWords) -> Rating:
    """Hide a rating's comment, or the reply to it.

    Raises NotFound, Denied, WrongState where there is nothing to hide or it is hidden already.
    """
    rating = await _moderated(work, actor, command)
    if command.words is Words.REPLY and rating.reply is None:
        raise WrongState("The supplier has not replied to this rating.")
    if rating.hidden_because(command.words) is not None:
        raise WrongState(f"The {command.words} is hidden already.")
    rating.hide(command.words, command.reason)
    await _tell(work, "rating:hide", rating, command, "was hidden")
    return rating


async def reinstate(work: UnitOfWork, actor: Actor, command: ReinstateWords) -> Rating:
    """Show a hidden comment or reply again.

    Raises NotFound, Denied, WrongState where it is not hidden.
    """
    rating = await _moderated(work, actor, command)
    if rating.hidden_because(command.words) is None:
        raise WrongState(f"The {command.words} is not hidden.")
    rating.hide(command.words, None)
    await _tell(work, "rating:reinstate", rating, command, "is shown again")
    return rating


async def _moderated(work: UnitOfWork, actor: Actor, command: HideWords | ReinstateWords) -> Rating:
    rating = await visible_rating(work, actor, command.rating_id)
    actor.require(Permission.RATING_MODERATE)
    await work.session.refresh(rating, with_for_update=True)
    return rating


async def _tell(
    work: UnitOfWork,
    action: str,
    rating: Rating,
    command: HideWords | ReinstateWords,
    what: str,
) -> None:
    """The record of it, and a notice to the force and to the supplier."""
    words = command.words
    await record(work, action, rating, detail={"words": words.value}, reason=command.reason)
    technology = await work.session.get_one(Technology, rating.technology_id)
    named = "comment in a rating of" if words is Words.COMMENT else "reply to a rating of"
    for organisation_id, role in (
        (rating.force_id, Role.FORCE_INNOVATION_LEAD),
        (technology.supplier_id, Role.SUPPLIER_ADMIN),
    ):
        await notify(
            work,
            kind=NoticeKind.RATING,
            organisation_id=organisation_id,
            roles=[role],
            text=f"The {named} {technology.name} {what}: {command.reason}",
            path=page_of(rating),
            key=f"rating/{rating.id}/{action}/{words}/{work.now.isoformat()}",
        )
