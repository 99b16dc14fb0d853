"""Forces propose KPIs of their own, and an evaluation adviser decides."""

from collections.abc import Iterator
from functools import partial

from innohub.identity.models import Role
from innohub.market.pilots import service as pilots
from innohub.market.pilots.local_kpis.commands import ApproveKpi, ProposeKpi, RefuseKpi
from innohub.seed.kpis import StoryKpi
from innohub.seed.telling.stage import PANEL, Stage
from innohub.seed.telling.timetable import NOON, Step


def kpi_steps(stage: Stage, row: StoryKpi) -> Iterator[Step]:
    yield Step(row.day + NOON, f"“{row.name}” is proposed", partial(_propose, stage, row))
    if row.decided_day is not None:
        at = row.decided_day + NOON
        yield Step(at, f"“{row.name}” is decided", partial(_decide, stage, row))


async def _propose(stage: Stage, row: StoryKpi) -> None:
    command = ProposeKpi(**row.model_dump(exclude={"force", "day", "decided_day", "refused"}))
    analyst = stage.holder(row.force, Role.FORCE_ANALYST)
    stage.kpis[row.name] = (await stage.do(analyst, pilots.propose_kpi, command)).id


async def _decide(stage: Stage, row: StoryKpi) -> None:
    adviser = stage.holder(PANEL, Role.EVALUATION_ADVISER)
    kpi_id = stage.kpis[row.name]
    if row.refused is None:
        await stage.do(adviser, pilots.approve_kpi, ApproveKpi(kpi_id=kpi_id))
    else:
        refusal = RefuseKpi(kpi_id=kpi_id, reason=row.refused)
        await stage.do(adviser, pilots.refuse_kpi, refusal)
