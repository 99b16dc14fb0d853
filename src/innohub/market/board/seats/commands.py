"""How a seat on a round ends before the round does, and who takes it."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from innohub.db.identifiers import IdOf
from innohub.market.board.commands import ChangeRound
from innohub.market.board.models import ConflictInterest, InterestKind
from innohub.market.command import Reason


class ReplaceMember(ChangeRound):
    """A member leaves the round for no conflict of theirs; somebody else may take the seat.

    With a replacement, what the member scored is taken out, so that the seat counts once; without
    one it stands, because it was given independently.
    """

    member_id: Annotated[int, IdOf("Person")]
    replacement_id: Annotated[int, IdOf("Person")] | None = None
    reason: Reason


class RecuseMember(ChangeRound):
    """Recuse a member for an interest that they did not declare, or not as what it is: from one
    candidate, or, without `item_id`, from the whole round."""

    member_id: Annotated[int, IdOf("Person")]
    item_id: Annotated[int, IdOf("RoundItem")] | None = None
    kind: InterestKind
    conflict_interest: ConflictInterest
    detail: Reason
    replacement_id: Annotated[int, IdOf("Person")] | None = Field(None, validate_default=True)

    @field_validator("kind")
    @classmethod
    def _an_interest(cls, given: InterestKind) -> InterestKind:
        if given is InterestKind.NONE:
            raise ValueError("Whoever has no interest is not recused.")
        return given

    @field_validator("replacement_id")
    @classmethod
    def _of_the_whole(cls, given: int | None, others: ValidationInfo) -> int | None:
        if given is not None and others.data.get("item_id") is not None:
            raise ValueError("A seat is taken over only by a recusal from the whole round.")
        return given
