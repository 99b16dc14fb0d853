"""The failures the hub expects, as one tree.

InnoHubError
├── Invalid            400  the input breaks a rule; `field` says which input
├── NotSignedIn        401  nobody is signed in, or the token does not count
├── Denied             403  visible to the actor, but not theirs to do
├── NotFound           404  does not exist, or is invisible to the actor: the two look the same
├── Conflict           409  somebody else changed it first
│   └── WrongState     409  the state machine does not allow this step now
└── TooLarge           413  the input is over a limit

A GraphQL mutation returns them as members of its payload union, a page shows them in a GOV.UK
error summary. Anything outside this tree is a fault of ours: masked to clients, logged whole. A
database that is away (`innohub.db.away`) is neither: 503 with a Retry-After, as the same request
may do later.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input: where, and what to do about it."""

    message: str
    field: str | None = None
    row: int | None = None
    """The line of an uploaded file, counted from 1 with its header."""
    rule: str | None = None
    """The name of the rule that was broken, where it has one: for programs, and never changed."""


class InnoHubError(Exception):
    """An expected failure: its text is written for the person who reads it."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        address: str | None = None,
        rule: str | None = None,
    ) -> None:
        """`address` is a page of the hub that says more, or where it can be mended; `rule` is the
        name of the rule that was broken."""
        super().__init__(message)
        self.message = message
        self.field = field
        self.address = address
        self.rule = rule

    @property
    def problems(self) -> list[Problem]:
        return [Problem(self.message, self.field, rule=self.rule)]


class Invalid(InnoHubError):
    """One or several breaches of a rule in one input."""

    code = "invalid"
    status = 400

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        problems: list[Problem] | None = None,
        rule: str | None = None,
    ) -> None:
        super().__init__(
            message, field=field, rule=rule or (problems[0].rule if problems else None)
        )
        self._problems = problems

    @property
    def problems(self) -> list[Problem]:
        return self._problems or super().problems


class NotSignedIn(InnoHubError):
    code = "not_signed_in"
    status = 401


class Denied(InnoHubError):
    code = "denied"
    status = 403


class NotFound(InnoHubError):
    code = "not_found"
    status = 404


class Conflict(InnoHubError):
    code = "conflict"
    status = 409


class WrongState(Conflict):
    code = "wrong_state"
    status = 409


class TooLarge(InnoHubError):
    code = "too_large"
    status = 413
