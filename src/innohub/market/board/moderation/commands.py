"""What the board writes down about scores that lie far apart, and what its members say of it."""

from typing import Annotated

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Line, Reason

Account = Annotated[str, StringConstraints(min_length=40, max_length=4_000)]
"""Long enough to say something, short enough to be read."""


class ModerateCriterion(Command):
    """The record of how one criterion of one candidate was talked over, and the agreed score."""

    item_id: Annotated[int, IdOf("RoundItem")]
    criterion: Line
    every_subcriterion_discussed: bool = Field(False, validate_default=True)
    who_said_what: Account
    decisive_reasons_and_weight: Account
    conflicting_points_reconciled: Account
    score_after: Annotated[int, Field(ge=0, le=5)]
    no_bid_to_bid_comparatives: bool = Field(False, validate_default=True)

    @field_validator("every_subcriterion_discussed")
    @classmethod
    def _all_of_it(cls, given: bool) -> bool:
        if not given:
            raise ValueError("Confirm that every part of the criterion was discussed.")
        return given

    @field_validator("no_bid_to_bid_comparatives")
    @classmethod
    def _by_itself(cls, given: bool) -> bool:
        if not given:
            raise ValueError("Confirm that no candidate was compared with another.")
        return given


class AnswerModeration(Command):
    """What a member of the panel says of the wording. `revision` is the wording they read."""

    record_id: Annotated[int, IdOf("ModerationRecord")]
    revision: int | None = None
    approves: bool
    reason: Reason | None = Field(None, validate_default=True)

    @field_validator("reason")
    @classmethod
    def _why_not(cls, given: str | None, others: ValidationInfo) -> str | None:
        if given is None and others.data.get("approves") is False:
            raise ValueError("Say why you do not approve it.")
        return given
