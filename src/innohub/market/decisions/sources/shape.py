"""The one shape of everything that waits for a decision, and what a source of them says."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, Date, Integer, Select, Text, cast, literal_column, null, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.constants import said
from innohub.market.decisions.models import DecisionKind, DecisionSection

KINDS = 64
"""A decision's id is the id of the row that it comes from, times this, plus its source's number."""
COLUMNS: dict[str, Any] = {
    "force_id": BigInteger(),
    "pilot_id": BigInteger(),
    "challenge_id": BigInteger(),
    "saving_id": BigInteger(),
    "pool_id": BigInteger(),
    "revision": BigInteger(),
    "line": Text(),
    "ask": Text(),
    "if_silent": Text(),
    "due_on": Date(),
    "closes_on": Date(),
    "money_pence": BigInteger(),
    "verdict": Text(),
    "grade": Integer(),
    "evidence": Text(),
}


@dataclass(frozen=True)
class Given:
    """What the person who decides wrote beside the decision."""

    reason: str
    revision: int | None
    choice: str | None
    learned: str | None


Run = Callable[[UnitOfWork, Actor, Any, Given], Awaitable[Any]]
"""Runs the owning capability's own command on the decision, which is given as its row."""


@dataclass(frozen=True)
class Act:
    """One way to decide."""

    run: Run
    words: str
    """On the button."""
    choices: Mapping[str, str] = field(default_factory=dict)
    """Where it can be decided so in several ways: values, with their words."""
    learns: bool = False
    """Whether it takes a note of what was learned, as EMMIE asks of a result."""


@dataclass(frozen=True)
class Source:
    """Where one kind of decision comes from. `number` is part of ids: it never changes."""

    kind: DecisionKind
    number: int
    section: DecisionSection
    permission: Permission
    """What deciding needs, in the owning capability's policy."""
    waiting: Callable[[], Select[Any]]
    approve: Act
    decline: Act | None
    money: str = "with options and VAT"
    """What its sum of money is, behind the sum."""


def shaped(kind: DecisionKind, number: int, section: DecisionSection, id: Any, **of: Any) -> Any:
    """A select of one source's rows in the common shape; what is not given is NULL."""
    columns = [cast(of.get(name, null()), type_).label(name) for name, type_ in COLUMNS.items()]
    whole = id * literal_column(str(KINDS)) + literal_column(str(number))
    return select(
        cast(whole, BigInteger).label("id"),
        said(kind).label("kind"),
        said(section).label("section"),
        *columns,
    )
