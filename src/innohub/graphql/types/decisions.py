"""What waits for a force's leadership, what was passed on, and what was decided lately."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

import strawberry
from sqlalchemy import Date, Integer, func, literal_column, select, type_coerce
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import (
    Connection,
    Node,
    Row,
    Term,
    among,
    column,
    node,
    one,
    paged,
    where,
)
from innohub.graphql.types.challenges import Challenge
from innohub.graphql.types.organisations import Force, by_name
from innohub.graphql.types.people import name_of
from innohub.graphql.types.pilots import Pilot
from innohub.graphql.types.pools import Pool
from innohub.graphql.types.savings import Saving
from innohub.graphql.types.scalars import Pence
from innohub.graphql.types.together import Colleague
from innohub.identity.models import Membership
from innohub.market.decisions import done, policy, waiting
from innohub.market.decisions import models as rows
from innohub.market.decisions.models import DecisionKind, DecisionSection
from innohub.market.evidence.models import Verdict
from innohub.market.london import today_in_london

strawberry.enum(DecisionKind)
strawberry.enum(DecisionSection)
AnyDelegation = Annotated["DecisionDelegation", strawberry.lazy("innohub.graphql.types.decisions")]


@node(waiting.Decision, policy.visible, name="Decision")
class Decision(Node):
    """One thing that waits to be decided by a force's leadership, or by the viewer in its place. It
    is there for as long as it waits."""

    number: int = column(lambda row: row.id, "As in the page's address.")
    kind: DecisionKind = column(lambda row: row.kind)
    section: DecisionSection = column(lambda row: row.section)
    line: str = column(lambda row: row.line, "What it is about.")
    ask: str = column(lambda row: row.ask, "What is asked.")
    if_silent: str = column(lambda row: row.if_silent, "What happens by default.")
    due_on: date = column(lambda row: row.due_on, "The last day in time.")
    money_pence: Pence | None = column(
        lambda row: row.money_pence,
        "What it is about in money: of a pilot with options and VAT, of a challenge the upper end "
        "of its budget, of a saving what is saved, of a pool what the force pays over the term "
        "without VAT. Null where nobody said it.",
    )
    evidence: str = column(lambda row: row.evidence, "The evidence label, in words.")
    verdict: Verdict | None = column(lambda row: row.verdict)
    grade: int | None = column(lambda row: row.grade, "Of the evidence, 0 to 5.")
    revision: int = column(lambda row: row.revision, "Send it back with what you decide.")
    mine: bool = column(
        lambda row, viewer: policy.takes(row, viewer),
        "Whether the viewer may decide by a role of their own, and so pass it on.",
    )
    force: Force | None = one(lambda row, force: force.id == row.force_id)
    pilot: Pilot | None = one(lambda row, pilot: pilot.id == row.pilot_id)
    challenge: Challenge | None = one(lambda row, challenge: challenge.id == row.challenge_id)
    saving: Saving | None = one(lambda row, saving: saving.id == row.saving_id)
    pool: Pool | None = one(lambda row, pool: pool.id == row.pool_id)
    delegation: AnyDelegation | None = one(
        lambda row, delegation: (
            (delegation.decision_id == row.id) & policy.counts(delegation, today_in_london())
        ),
        "To whom it is passed on now.",
    )
    colleagues: Connection[Colleague] = paged(
        lambda row, person: _of_force(row, person),
        "People of the force, to whom it can be passed on.",
        order=by_name,
    )


@node(rows.DecisionDelegation, policy.delegation_visible, name="DecisionDelegation")
class DecisionDelegation(Node):
    """A decision passed on to somebody until a day."""

    kind: DecisionKind = column(rows.DecisionDelegation.kind)
    line: str = column(rows.DecisionDelegation.line)
    until: date = column(rows.DecisionDelegation.until, "The last day on which it counts.")
    reason: str | None = column(rows.DecisionDelegation.reason)
    to_name: str = column(lambda row: name_of(row.person_id))
    by_name: str = column(lambda row: name_of(row.by_id))
    at: datetime = column(rows.DecisionDelegation.created_at)
    acted_at: datetime | None = column(
        rows.DecisionDelegation.acted_at, "When the delegate decided."
    )
    ended_at: datetime | None = column(
        rows.DecisionDelegation.ended_at,
        "When it was taken back, passed on anew, or decided by somebody else.",
    )
    counts: bool = column(
        lambda row: policy.counts(row, today_in_london()),
        "Whether it gives the delegate the right to decide now.",
    )
    mine: bool = column(
        lambda row, viewer: viewer.is_person(row.person_id), "Whether the viewer is the delegate."
    )
    force: Force | None = one(lambda row, force: force.id == row.force_id)
    decision: Decision | None = one(
        lambda row, decision: decision.id == row.decision_id, "Null once it waits no more."
    )


@node(done.DecisionDone, done.visible, name="DecisionDone")
class DecisionDone(Node):
    """One thing that the viewer's force decided in the last 30 days, wherever it was decided."""

    at: datetime = column(lambda row: row.at)
    what: str = column(lambda row: row.what)
    line: str = column(lambda row: row.line)
    by_name: str | None = column(lambda row: row.by_name, "Null where only the force is known.")
    reason: str | None = column(lambda row: row.reason)
    path: str = column(lambda row: row.path, "The page it is about, within the hub.")


def _of_force(decision: Row, person: Row) -> Any:
    seat = aliased(Membership)
    return (
        select(policy.ONE)
        .select_from(seat)
        .where(seat.person_id == person.id, seat.organisation_id == decision.force_id)
        .correlate_except(seat)
        .exists()
    )


@strawberry.input
class DecisionFilter:
    section: list[DecisionSection] | None = where(lambda row, value: among(row.section, value))
    delegated: bool | None = where(
        lambda row, value: _delegated(row) == value, "Whether somebody has it in another's place."
    )


def _delegated(row: Row) -> Any:
    delegation = aliased(rows.DecisionDelegation)
    return (
        select(policy.ONE)
        .select_from(delegation)
        .where(delegation.decision_id == row.id, policy.counts(delegation, today_in_london()))
        .correlate_except(delegation)
        .exists()
    )


def ranked(row: Row, given: Mapping[str, Any]) -> list[Term]:
    """As `waiting.ranked`: what is due first; of one day, the most money."""
    day = row.due_on - literal_column("date '2000-01-01'", Date)
    money = func.coalesce(row.money_pence, literal_column("-1"))
    return [Term(type_coerce(day, Integer)), Term(money, descending=True)]


DecisionConnection = Connection[Decision]
