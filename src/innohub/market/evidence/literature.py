"""Trials from the literature: the printed figures, through the same engine as everybody's."""

import asyncio

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.actor import Actor
from innohub.market.canonical import digest
from innohub.market.evidence.commands import RecordLiterature
from innohub.market.evidence.computation import basis, compute
from innohub.market.evidence.models import DataSource, Result, TrialDataset
from innohub.market.evidence.observations import CellInput, from_cells
from innohub.market.evidence.pooled import pool_anew
from innohub.market.evidence.publication import announcement, keep_best_grade
from innohub.market.pilots import service as pilots
from innohub.market.pilots.commands import EnterLiterature
from innohub.market.pilots.models import Pilot, Protocol
from innohub.outbox.service import record


async def record_literature(work: UnitOfWork, actor: Actor, command: RecordLiterature) -> Result:
    """Enter a published trial with its citation, compute its effect and publish it at once.

    Nobody confirms the number by a second computation: the source is printed, and anybody can.
    Raises Denied without `listing:review` or to a member of the supplier, NotFound, WrongState
    where the listing is not published, Invalid for figures or a plan that give no answer.
    """
    trial = command.model_dump(include=set(EnterLiterature.model_fields))
    pilot, protocol = await pilots.enter(work, actor, EnterLiterature(**trial))
    pilot.decision, pilot.decision_reason = command.decision, command.reason
    dataset = await _dataset(work, actor, command, pilot, protocol)
    kpi = await pilots.kpi_of(work, pilot.kpi)
    found = await asyncio.to_thread(compute, basis(pilot, protocol, [dataset], kpi.label))
    found["notes"] = [*found["notes"], *command.notes]
    result = Result(
        **found,
        pilot_id=pilot.id,
        technology_id=pilot.technology_id,
        supplier_id=pilot.supplier_id,
        dataset_id=dataset.id,
        revision=1,
        kpi=pilot.kpi,
        computed_by_id=actor.person_id,
        published_at=work.now,
        created_at=work.now,
    )
    work.session.add(result)
    await work.session.flush()
    facts = {"verdict": result.verdict, "decision": pilot.decision, "source": pilot.citation_url}
    event = await announcement(work, pilot, result)
    await record(work, "result:record_literature", result, detail=facts, event=event)
    await keep_best_grade(work, pilot.technology_id)
    await pool_anew(work, pilot.technology_id, result.kpi)
    return result


async def _dataset(
    work: UnitOfWork, actor: Actor, command: RecordLiterature, pilot: Pilot, protocol: Protocol
) -> TrialDataset:
    cells = [CellInput(**cell.model_dump()) for cell in command.cells]
    rows = from_cells(cells, protocol.kpi_type, protocol.design).rows()
    dataset = TrialDataset(
        pilot_id=pilot.id,
        version=1,
        source=DataSource.LITERATURE,
        cells=rows,
        cells_hash=digest(rows),
        recorded_by_id=actor.person_id,
        created_at=work.now,
    )
    work.session.add(dataset)
    await work.session.flush()
    return dataset
