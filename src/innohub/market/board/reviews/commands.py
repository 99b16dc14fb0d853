"""How a decision is challenged, and how a challenge is decided."""

from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from innohub.command import breach
from innohub.db.identifiers import IdOf
from innohub.market.board.reviews.models import ReviewGround, ReviewOutcome
from innohub.market.command import Command

Grounds = Annotated[str, StringConstraints(min_length=40, max_length=4_000)]


class RequestReview(Command):
    """Ask for an independent review of a decision while its standstill lasts.

    `organisation_id` is needed only by somebody who acts for several that may ask.
    """

    item_id: Annotated[int, IdOf("RoundItem")]
    organisation_id: Annotated[int, IdOf("Supplier", "Force")] | None = None
    ground: ReviewGround
    statement: Grounds


class DecideReview(Command):
    """Uphold a review, in whole or in part, or not, with a reason that is published."""

    review_id: Annotated[int, IdOf("BoardReview")]
    outcome: ReviewOutcome
    reason: Annotated[Grounds, Field()]

    @field_validator("outcome")
    @classmethod
    def _by_a_person(cls, given: ReviewOutcome) -> ReviewOutcome:
        if given is ReviewOutcome.OUT_OF_TIME:
            raise breach("review_outcome", "Only the calendar makes a review out of time.")
        return given
