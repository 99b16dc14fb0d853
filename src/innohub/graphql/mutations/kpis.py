"""Changes to the KPI dictionary."""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.local_kpis import LocalKpi
from innohub.market.pilots import service as pilots
from innohub.market.pilots.local_kpis import commands


@strawberry.type
class LocalKpiPayload:
    id: strawberry.Private[int]
    local_kpi: LocalKpi | None = stored("id")


@strawberry.type
class KpiMutations:
    propose_kpi = write(pilots.propose_kpi, commands.ProposeKpi, LocalKpiPayload)
    approve_kpi = write(pilots.approve_kpi, commands.ApproveKpi, LocalKpiPayload)
    refuse_kpi = write(pilots.refuse_kpi, commands.RefuseKpi, LocalKpiPayload)
