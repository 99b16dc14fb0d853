"""What forces, suppliers and the company may do with a challenge."""

from datetime import date
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Line, Money, Prose, Reason

Baseline = Annotated[float, Field(allow_inf_nan=False, ge=-1e12, le=1e12)]


def _in_order(upper: int | None, lower: int | None, said: str) -> int | None:
    if (upper is None) != (lower is None):
        raise ValueError(f"Give both ends of the {said}, or neither.")
    if upper is not None and lower is not None and upper < lower:
        raise ValueError(f"The upper end of the {said} cannot be below its lower end.")
    return upper


class Need(Command):
    """What a challenge says. A draft may still lack the baseline, the constraints and the budget;
    opened to other forces, it has them all. Sums are whole pence, without VAT."""

    title: Line
    problem: Prose
    kpi: Line
    """What must get better, an id of the reference list `kpi`."""
    category: Line
    """The kind of technology that may help, an id of the reference list `category`."""
    baseline_value: Baseline | None = None
    """Of the KPI today, in its own unit as people count it: 42 for 42 per cent."""
    baseline_source: Line | None = None
    constraints: Prose | None = None
    budget_from_pence: Money | None = None
    budget_to_pence: Money | None = Field(None, validate_default=True)

    @field_validator("budget_to_pence")
    @classmethod
    def _band(cls, upper: int | None, others: ValidationInfo) -> int | None:
        return _in_order(upper, others.data.get("budget_from_pence"), "budget")


class DraftChallenge(Need):
    """Write down a need. `force_id` is needed only by somebody who acts for several forces."""

    force_id: Annotated[int, IdOf("Force")] | None = None


class ChallengeCommand(Command):
    """The base of every step of a challenge. `revision` is what the person saw."""

    challenge_id: Annotated[int, IdOf("Challenge")]
    revision: int | None = None


class EditChallenge(Need, ChallengeCommand):
    """Write it anew, while it is a draft or open for co-sponsors."""


class OpenChallenge(ChallengeCommand):
    """Show it to the other forces and invite peers to co-sponsor, for ten working days."""


class CosponsorChallenge(ChallengeCommand):
    """Join as a sponsor. `force_id` is needed only by somebody who acts for several forces."""

    force_id: Annotated[int, IdOf("Force")] | None = None
    statement: Prose | None = None
    """Why, in the force's own words."""


class DeclineInvitation(ChallengeCommand):
    """Say that a force which was invited does not join. It may think again while the invitation
    lasts. `force_id` is needed only by somebody who acts for several forces."""

    force_id: Annotated[int, IdOf("Force")] | None = None
    reason: Reason


class LeaveChallenge(ChallengeCommand):
    """Sponsor it no longer, before the responses are closed."""

    force_id: Annotated[int, IdOf("Force")] | None = None


class ProposeMerger(Command):
    """Propose that a challenge goes into another one that is like it."""

    challenge_id: Annotated[int, IdOf("Challenge")]
    into_id: Annotated[int, IdOf("Challenge")]
    reason: Reason

    @field_validator("into_id")
    @classmethod
    def _another(cls, into_id: int, others: ValidationInfo) -> int:
        if into_id == others.data.get("challenge_id"):
            raise ValueError("A challenge cannot be merged into itself.")
        return into_id


class MergerCommand(Command):
    merger_id: Annotated[int, IdOf("ChallengeMerger")]


class AgreeToMerger(MergerCommand):
    """The owner of either challenge agrees."""


class MergeChallenges(MergerCommand):
    """Make the two one, once both owners agreed."""


class PublishChallenge(ChallengeCommand):
    """Publish it to suppliers, with the last day for responses."""

    respond_by: date


class MoveDeadline(ChallengeCommand):
    """Give suppliers more time. A deadline is never brought forward."""

    respond_by: date
    reason: Reason


class AskQuestion(ChallengeCommand):
    """Ask the sponsors. Question and answer are public; who asked is not told. `supplier_id` is
    needed only by somebody who acts for several suppliers."""

    supplier_id: Annotated[int, IdOf("Supplier")] | None = None
    question: Annotated[Prose, Field(min_length=10)]


class AnswerQuestion(Command):
    """Answer for everybody to read. There are no private answers."""

    question_id: Annotated[int, IdOf("ChallengeQuestion")]
    answer: Prose


class RespondToChallenge(Command):
    """Offer something, or change what was offered, until the deadline. Prices are whole pence,
    without VAT. `revision` is of the response that the person saw, if there was one."""

    challenge_id: Annotated[int, IdOf("Challenge")]
    revision: int | None = None
    supplier_id: Annotated[int, IdOf("Supplier")] | None = None
    """Needed only by somebody who acts for several suppliers."""
    technology_id: Annotated[int, IdOf("Technology")] | None = None
    """The supplier's own published listing that is offered, if it is listed."""
    proposal: Annotated[Prose, Field(min_length=40)]
    delivery: Prose
    """When and how it would be there, within the constraints."""
    price_from_pence: Money | None = None
    price_to_pence: Money | None = Field(None, validate_default=True)

    @field_validator("price_to_pence")
    @classmethod
    def _band(cls, upper: int | None, others: ValidationInfo) -> int | None:
        return _in_order(upper, others.data.get("price_from_pence"), "price")


class WithdrawResponse(Command):
    """Take the response back, until the deadline."""

    response_id: Annotated[int, IdOf("ChallengeResponse")]
    revision: int | None = None


class WithdrawChallenge(ChallengeCommand):
    """End it before its deadline. Once it was published, the reason is needed, and public."""

    reason: Reason | None = None


class StartChallengePiloting(ChallengeCommand):
    """Pilots begin to answer it: at least one of them is being scoped, or further."""


class MarkChallengeAnswered(ChallengeCommand):
    """A pilot of it shows that something works, or promises to."""


class CloseChallengeUnmet(ChallengeCommand):
    """End it without an answer, for a reason that everybody reads."""

    reason: Reason


class FollowChallenge(ChallengeCommand):
    """Be told of what happens to it."""


class UnfollowChallenge(ChallengeCommand):
    """Be told no longer."""
