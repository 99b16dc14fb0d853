"""What a force's leadership decided lately, wherever it was decided: from the steps of its pilots
and its answers to other forces' challenges."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Text, case, cast, func, literal_column, null, union_all
from sqlalchemy import select as select_
from sqlalchemy.orm import Mapped, aliased

from innohub.db.model import Model
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.challenges.models import Challenge, ChallengeForce
from innohub.market.decisions.sources.shape import said
from innohub.market.pilots.models import Pilot, PilotStep

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
            cast(step.id * literal_column("2"), BigInteger).label("id"),
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
            cast(row.id * literal_column("2") + literal_column("1"), BigInteger).label("id"),
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


_DONE: Any = union_all(_of_pilots(), _of_challenges()).subquery("decision_done")


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
