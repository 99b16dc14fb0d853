"""KPIs that forces propose for the dictionary."""

from datetime import datetime

import strawberry

from innohub.graphql.read.declare import Connection, Node, column, node, one, where
from innohub.graphql.types.organisations import Force
from innohub.market.pilots.local_kpis import models as rows
from innohub.market.pilots.local_kpis import policy
from innohub.market.pilots.local_kpis.models import CountedAs, LocalKpiState
from innohub.market.pilots.outcomes.models import Aim

strawberry.enum(LocalKpiState)
strawberry.enum(CountedAs)


@node(rows.LocalKpi, policy.visible, name="LocalKpi")
class LocalKpi(Node):
    """What a force measures and the dictionary lacks: proposed, approved or refused."""

    name: str = column(rows.LocalKpi.name)
    definition: str = column(rows.LocalKpi.definition)
    type: CountedAs = column(rows.LocalKpi.type)
    direction: Aim = column(rows.LocalKpi.direction)
    unit: str = column(rows.LocalKpi.unit)
    state: LocalKpiState = column(rows.LocalKpi.state)
    kpi: str | None = column(rows.LocalKpi.kpi, "Its id in the dictionary, once approved.")
    proposed_at: datetime = column(rows.LocalKpi.created_at)
    decided_at: datetime | None = column(rows.LocalKpi.decided_at)
    decision_reason: str | None = column(
        rows.LocalKpi.decision_reason, "Why it was refused, or what the adviser adds."
    )
    force: Force | None = one(lambda row, force: force.id == row.force_id)


@strawberry.input
class LocalKpiFilter:
    state: LocalKpiState | None = where(lambda row, value: row.state == value)


LocalKpiConnection = Connection[LocalKpi]
