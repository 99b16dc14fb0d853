"""What a force says about a technology that it piloted, what the supplier answers, and what the
company does about words that break the rules."""

from typing import Annotated

from pydantic import Field

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Prose, Reason
from innohub.market.ratings.models import Words

Stars = Annotated[int, Field(ge=1, le=5)]
"""1 (poor) to 5 (excellent)."""


class _Judgement(Command):
    affordability: Stars
    capability: Stars
    deployability: Stars
    maintainability: Stars
    usability: Stars
    comment: Prose


class RatePilot(_Judgement):
    """Rate the technology of a pilot that one's own force ran or joined, in the version that was
    piloted. `force_id` is needed only by somebody who acts for several of its forces."""

    pilot_id: Annotated[int, IdOf("Pilot")]
    force_id: Annotated[int, IdOf("Force")] | None = None


class ChangeRating(_Judgement):
    """Put a new rating in the place of one's own force's earlier one, which stays in the history.

    `rating_id` is the rating that the person saw: where another took its place since, nothing is
    changed.
    """

    rating_id: Annotated[int, IdOf("Rating")]


class ReplyToRating(Command):
    """Answer a rating of one's own technology, once."""

    rating_id: Annotated[int, IdOf("Rating")]
    reply: Prose


class _Moderation(Command):
    rating_id: Annotated[int, IdOf("Rating")]
    words: Words = Words.COMMENT
    reason: Reason


class HideWords(_Moderation):
    """Hide the comment of a rating, or the reply to it. The reason is public; the scores stay."""


class ReinstateWords(_Moderation):
    """Show hidden words again. The reason goes to both sides and into the audit trail."""
