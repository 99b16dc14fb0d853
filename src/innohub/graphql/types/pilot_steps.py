"""A pilot's life: the steps that were taken, and whose turn it is."""

from datetime import date, datetime

import strawberry

from innohub.graphql.read.declare import Node, among, apart_from, column, node, where
from innohub.graphql.types.organisations import name_of_organisation
from innohub.market.london import today_in_london
from innohub.market.pilots import models as rows
from innohub.market.pilots import policy
from innohub.market.pilots.models import PilotState, TurnKind

strawberry.enum(PilotState)
strawberry.enum(TurnKind)


@node(rows.PilotStep, policy.told_until_left, name="PilotStep")
class PilotStep(Node):
    """One step of a pilot's life."""

    verb: str = column(rows.PilotStep.verb)
    from_state: PilotState | None = column(rows.PilotStep.from_state)
    to_state: PilotState = column(rows.PilotStep.to_state)
    by_name: str = column(rows.PilotStep.by_name)
    reason: str | None = column(rows.PilotStep.reason)
    at: datetime = column(rows.PilotStep.created_at)


@strawberry.input
class PilotStepFilter:
    verb: list[str] | None = where(lambda row, value: among(row.verb, value))
    not_verb: list[str] | None = where(lambda row, value: apart_from(row.verb, value))


@node(rows.PilotTurn, policy.step_visible, name="PilotTurn")
class PilotTurn(Node):
    """Whose turn it is, and by when."""

    kind: TurnKind = column(rows.PilotTurn.kind)
    organisation: str | None = column(
        lambda row: name_of_organisation(row.organisation_id),
        "The force or the supplier; null for the company that runs the market.",
    )
    role: str = column(rows.PilotTurn.role, "Who is to see to it there.")
    since: datetime = column(rows.PilotTurn.created_at)
    due_on: date = column(rows.PilotTurn.due_on, "The last day in time.")
    overdue: bool = column(lambda row: row.due_on < today_in_london())
