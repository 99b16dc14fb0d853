"""Stages for the KPIs that forces propose, and for what they tried before."""

from itertools import count
from typing import Any

from innohub.market.pilots.local_kpis.models import CountedAs, LocalKpi, LocalKpiState
from innohub.market.pilots.outcomes.models import Aim
from tests.graphql.matrix.listings import REASON, Stage
from tests.graphql.matrix.world import NOW, World, gid

DEFINED = "From arrival at the desk to the cell door, as the custody system has it."
_numbers = count(1)


async def to_propose(world: World) -> dict[str, Any]:
    return {
        "forceId": gid("Force", world.everybody.organisation("force")),
        "name": f"Minutes to book in {next(_numbers)}", "definition": DEFINED, "type": "MEAN",
        "direction": "LOWER_IS_BETTER", "unit": "minutes",
    }  # fmt: skip


def proposed(**fields: Any) -> Stage:
    """The mutation's input names a KPI that the own force proposed."""

    async def stage(world: World) -> dict[str, Any]:
        kpi = LocalKpi(
            force_id=world.everybody.organisation("force").id, name=f"KPI {next(_numbers)}",
            definition=DEFINED, type=CountedAs.MEAN, direction=Aim.LOWER_IS_BETTER,
            unit="minutes", state=LocalKpiState.PROPOSED, created_at=NOW,
        )  # fmt: skip
        await world.add(kpi)
        return {"kpiId": gid("LocalKpi", kpi), **fields}

    return stage


async def to_tell(world: World) -> dict[str, Any]:
    return {
        "forceId": gid("Force", world.everybody.organisation("force")),
        "reference": f"P{next(_numbers)}", "product": "Plover", "supplierName": "Plovergate",
        "title": "Plover in custody", "question": "Does it save time?",
        "kpi": "case_file_admin_hours", "startOn": "2024-01-01", "endOn": "2024-06-30",
        "found": "Officers liked it; nobody measured it.",
    }  # fmt: skip


STAGES: dict[str, Stage] = {
    "recordEarlierPilot": to_tell,
    "proposeKpi": to_propose,
    "approveKpi": proposed(),
    "refuseKpi": proposed(reason=REASON),
}
