"""What a force's leadership decided lately, wherever it was decided: from the steps of its pilots,
its answers to other forces' challenges, the savings it signed for, and the budgets of what it buys
together with others."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Text, case, cast, func, literal_column, null, union_all
from sqlalchemy import select as select_
from sqlalchemy.orm import Mapped, aliased

from innohub.db.model import Model
from innohub.identity.models import Person
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.challenges.models import Challenge, ChallengeForce
from innohub.market.constants import said
from innohub.market.demand.models import CallOff, Pool, PoolCommitment
from innohub.market.pilots.models import Pilot, PilotStep
from innohub.market.savings.models import Saving

KINDS: Any = literal_column("4")
"""Kinds of rows that tell of decisions: an id is the row's times this, plus its kind's number."""
DAYS = 30
"""So long what was decided stands on the page."""
VERBS = {
    "approve": "Approved",
    "decline": "Declined",
    "decide": "Decided",
    "resume": "Let go on",
    "stop": "Stopped",
    "explain_overdue": "Explained",
}


def _of_pilots() -> Any:
    step, pilot = aliased(PilotStep), aliased(Pilot)
    return (
        select_(
            cast(step.id * KINDS, BigInteger).label("id"),
            pilot.force_id.label("force_id"),
            step.created_at.label("at"),
            case(*((step.verb == said(v), said(w)) for v, w in VERBS.items())).label("what"),
            cast(pilot.title, Text).label("line"),
            cast(step.by_name, Text).label("by_name"),
            cast(step.reason, Text).label("reason"),
            (said("/pilots/") + cast(pilot.id, Text)).label("path"),
        )
        .select_from(step)
        .join(pilot, pilot.id == step.pilot_id)
        .where(step.verb.in_([said(verb) for verb in VERBS]))
    )


def _of_challenges() -> Any:
    row, challenge = aliased(ChallengeForce), aliased(Challenge)
    answered = func.coalesce(row.joined_at, row.declined_at)
    return (
        select_(
            cast(row.id * KINDS + literal_column("1"), BigInteger).label("id"),
            row.force_id.label("force_id"),
            answered.label("at"),
            case((row.joined_at.is_not(None), said("Co-sponsored")), else_=said("Declined")).label(
                "what"
            ),
            cast(challenge.title, Text).label("line"),
            cast(null(), Text).label("by_name"),
            cast(func.coalesce(row.statement, row.declined_reason), Text).label("reason"),
            (said("/challenges/") + cast(challenge.id, Text)).label("path"),
        )
        .select_from(row)
        .join(challenge, challenge.id == row.challenge_id)
        .where(answered.is_not(None))
    )


def _of_savings() -> Any:
    saving, order = aliased(Saving), aliased(CallOff)
    pool, person = aliased(Pool), aliased(Person)
    return (
        select_(
            cast(saving.id * KINDS + literal_column("2"), BigInteger).label("id"),
            saving.force_id.label("force_id"),
            saving.signed_at.label("at"),
            said("Signed for").label("what"),
            (said("a saving by “") + pool.title + said("”")).label("line"),
            cast(person.name, Text).label("by_name"),
            cast(null(), Text).label("reason"),
            (said("/savings/") + cast(saving.id, Text)).label("path"),
        )
        .select_from(saving)
        .join(order, order.id == saving.call_off_id)
        .join(pool, pool.id == order.pool_id)
        .join(person, person.id == saving.signed_by_id)
        .where(saving.signed_at.is_not(None))
    )


def _of_budgets() -> Any:
    line, pool, person = aliased(PoolCommitment), aliased(Pool), aliased(Person)
    return (
        select_(
            cast(line.id * KINDS + literal_column("3"), BigInteger).label("id"),
            line.force_id.label("force_id"),
            line.created_at.label("at"),
            case((line.withdrawn, said("Declined")), else_=said("Approved")).label("what"),
            (said("the budget for “") + pool.title + said("”")).label("line"),
            cast(person.name, Text).label("by_name"),
            cast(line.note, Text).label("reason"),
            (said("/pools/") + cast(pool.id, Text)).label("path"),
        )
        .select_from(line)
        .join(pool, pool.id == line.pool_id)
        .join(person, person.id == line.decided_by_id)
    )


_DONE: Any = union_all(_of_pilots(), _of_challenges(), _of_savings(), _of_budgets()).subquery(
    "decision_done"
)


class DecisionDone(Model):
    """One thing that was decided. Not stored."""

    __table__ = _DONE
    __mapper_args__ = {"primary_key": [_DONE.c.id]}

    id: Mapped[int]
    force_id: Mapped[int]
    at: Mapped[datetime]
    what: Mapped[str]
    line: Mapped[str]
    by_name: Mapped[str | None]
    reason: Mapped[str | None]
    path: Mapped[str]


def visible(row: Any, viewer: Viewer) -> Any:
    """What one's own force decided, for its leadership."""
    return viewer.among(row.force_id, Permission.DECISION_TAKE)


def lately(row: Any) -> Any:
    return row.at > func.now() - literal_column(f"interval '{DAYS} days'")
