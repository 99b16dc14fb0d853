"""What the board's chair, secretary and members may do with a round."""

from typing import Annotated

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from innohub.command import breach
from innohub.db.identifiers import IdOf
from innohub.market.board.models import (
    BoardDecision,
    ConflictInterest,
    DeclineReason,
    InterestAction,
    InterestKind,
)
from innohub.market.command import Command, Line, Prose, Reason

STANDSTILL_DAYS = 8
"""Working days: as long as the mandatory standstill of the Procurement Act 2023, section 51."""
ScoreReason = Annotated[str, StringConstraints(min_length=80, max_length=2_000)]
"""A reason that would stand up in court: at least 80 characters."""


class CriterionWeight(Command):
    criterion: Line
    """An id of the reference list `board_criterion`."""
    weight: Annotated[int, Field(ge=1, le=100)]


class PlanRound(Command):
    """Prepare a round and its rules. Left out, they are the vocabulary's.

    `board_id` is needed only by somebody who acts for several boards; without `criteria` the round
    starts from the reference list's weights.
    """

    board_id: Annotated[int, IdOf("Body")] | None = None
    title: Line
    purpose: Prose
    criteria: list[CriterionWeight] | None = None
    places: Annotated[int, Field(ge=1, le=100)]
    members: Annotated[list[Annotated[int, IdOf("Person")]], Field(min_length=1, max_length=50)]
    quorum: Annotated[int, Field(ge=1)] = 5
    min_scores_per_item: Annotated[int, Field(ge=1)] = 3
    threshold_total: Annotated[float, Field(ge=0, le=100)] = 60
    threshold_any_criterion: Annotated[float, Field(ge=0, le=5)] = 2
    suppliers_masked: bool = False
    """Show no supplier's name where candidates are scored: interests are declared before."""
    demonstration: bool = False
    standstill_days: Annotated[int, Field(ge=0, le=60)] = STANDSTILL_DAYS

    @field_validator("criteria")
    @classmethod
    def _total_of_100(cls, given: list[CriterionWeight] | None) -> list[CriterionWeight] | None:
        if given is None:
            return None
        if len({one.criterion for one in given}) != len(given):
            raise ValueError("Each criterion may stand only once.")
        total = sum(one.weight for one in given)
        if total != 100:
            message = f"The weights must total 100; these total {total}."
            raise breach("weights_total_100", message)
        return given

    @field_validator("members")
    @classmethod
    def _each_once(cls, given: list[int]) -> list[int]:
        if len(set(given)) != len(given):
            raise ValueError("Each member may be named only once.")
        return given

    @field_validator("quorum", "min_scores_per_item")
    @classmethod
    def _within_the_members(cls, given: int, others: ValidationInfo) -> int:
        members = others.data.get("members")
        if members is not None and given > len(members):
            raise ValueError(f"This round has only {len(members)} members.")
        return given

    @field_validator("standstill_days")
    @classmethod
    def _long_enough(cls, given: int, others: ValidationInfo) -> int:
        if given < STANDSTILL_DAYS and not others.data.get("demonstration"):
            raise breach(
                "standstill_days",
                f"A standstill lasts at least {STANDSTILL_DAYS} working days, but for a "
                "demonstration.",
            )
        return given


class ChangeRound(Command):
    """The base of every step of a round. `revision` is what the person saw."""

    round_id: Annotated[int, IdOf("Round")]
    revision: int | None = None


class AddItem(ChangeRound):
    technology_id: Annotated[int, IdOf("Technology")]


class RemoveItem(ChangeRound):
    item_id: Annotated[int, IdOf("RoundItem")]
    reason: Reason


class OpenRound(ChangeRound):
    """From here on the rules are locked."""


class CloseEntries(ChangeRound):
    """Freeze the candidates: the versions the board judges, and the evidence there is."""


class DeclareInterest(Command):
    """What a member has to do with a candidate; `none` is declared, too."""

    item_id: Annotated[int, IdOf("RoundItem")]
    kind: InterestKind
    conflict_interest: ConflictInterest | None = Field(None, validate_default=True)
    detail: Reason | None = Field(None, validate_default=True)

    @field_validator("conflict_interest")
    @classmethod
    def _of_which_sort(
        cls, given: ConflictInterest | None, others: ValidationInfo
    ) -> ConflictInterest | None:
        if others.data.get("kind", InterestKind.NONE) == InterestKind.NONE:
            return None
        if given is None:
            raise ValueError("Say what sort of interest it is.")
        return given

    @field_validator("detail")
    @classmethod
    def _say_which(cls, given: str | None, others: ValidationInfo) -> str | None:
        if given is None and others.data.get("kind", InterestKind.NONE) != InterestKind.NONE:
            raise ValueError("Say what the interest is.")
        return given


class ResolveInterest(Command):
    """`replacement_id` names who takes the seat, where the member is replaced."""

    interest_id: Annotated[int, IdOf("Interest")]
    action: InterestAction
    replacement_id: Annotated[int, IdOf("Person")] | None = Field(None, validate_default=True)

    @field_validator("replacement_id")
    @classmethod
    def _by_whom(cls, given: int | None, others: ValidationInfo) -> int | None:
        replaced = others.data.get("action") == InterestAction.REPLACE_MEMBER
        if replaced and given is None:
            raise ValueError("Say who takes the member's place.")
        if given is not None and not replaced:
            raise ValueError("Only a member who is replaced has somebody in their place.")
        return given


class StartScoring(ChangeRound):
    pass


class CriterionScore(Command):
    criterion: Line
    value: Annotated[int, Field(ge=0, le=5)]
    reason: ScoreReason


class ScoreItem(Command):
    """One member's scores of one item: every criterion of the round, in one go."""

    item_id: Annotated[int, IdOf("RoundItem")]
    scores: Annotated[list[CriterionScore], Field(min_length=1, max_length=50)]


class CloseScoring(ChangeRound):
    pass


class ItemDecision(Command):
    """The chair's words on one item. `decision` is needed only to defer instead of to decline.

    `decline_reason` is needed, and kept, where the decision is to decline and no gate failed.
    """

    item_id: Annotated[int, IdOf("RoundItem")]
    reason: Reason
    decision: BoardDecision | None = None
    decline_reason: DeclineReason | None = None


class RankRound(ChangeRound):
    decisions: Annotated[list[ItemDecision], Field(min_length=1, max_length=200)]


class StartStandstill(ChangeRound):
    pass


class FinishRound(ChangeRound):
    """Publish the decision record."""


class CancelRound(ChangeRound):
    reason: Reason
