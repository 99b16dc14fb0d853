"""What a force's leadership does with what waits for it."""

from datetime import date
from typing import Annotated

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Line, Prose, Reason


class _OfDecision(Command):
    decision_id: Annotated[int, IdOf("Decision")]


class _Deciding(_OfDecision):
    revision: int | None = None
    """What the person saw."""
    reason: Reason
    choice: Line | None = None
    """Needed where it can be decided so in several ways: see `choices` of the Decision."""
    learned: Prose | None = None
    """Of a result: what supported or obstructed it, as EMMIE asks."""


class ApproveDecision(_Deciding):
    """Approve what is asked, by the very command of the capability whose it is."""


class DeclineDecision(_Deciding):
    """Decline what is asked, where it can be declined."""


class DelegateDecision(_OfDecision):
    """Pass a decision on to somebody of the same force, until a day. Whoever had it before has it
    no longer; one's own right to decide stays."""

    person_id: Annotated[int, IdOf("Person")]
    until: date
    reason: Reason | None = None


class TakeBackDecision(Command):
    """End a delegation before its day."""

    delegation_id: Annotated[int, IdOf("DecisionDelegation")]
