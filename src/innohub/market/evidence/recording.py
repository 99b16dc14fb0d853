"""Trial data as it comes in: every hand-in is a version, and none is ever changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.canonical import digest
from innohub.market.evidence.commands import RecordTrialData
from innohub.market.evidence.computation import Basis, basis
from innohub.market.evidence.estimators.trial import TrialData
from innohub.market.evidence.grading import Lowering
from innohub.market.evidence.measured import locked_protocol, measured_of, name_of
from innohub.market.evidence.models import DataSource, OutcomeEffect, Result, TrialDataset
from innohub.market.evidence.observations import CellInput, from_cells, parse_csv
from innohub.market.evidence.places import refuse_outside
from innohub.market.pilots import service as pilots
from innohub.market.pilots.models import Pilot, PilotState, Protocol
from innohub.market.pilots.outcomes.models import ProtocolOutcome
from innohub.outbox.service import record

RECORDED_IN = {PilotState.RUNNING, PilotState.PAUSED, PilotState.ANALYSING}


@dataclass(frozen=True)
class HandingIn:
    """A force that hands in trial data of a pilot with a locked protocol."""

    pilot: Pilot
    force_id: int
    measured: Protocol | ProtocolOutcome
    """What is counted, and how: the protocol's primary KPI, or one of its further ones."""
    partial: bool
    """Other forces take part: they may have the groups that this one lacks."""

    @property
    def outcome_id(self) -> int | None:
        return self.measured.id if isinstance(self.measured, ProtocolOutcome) else None

    @property
    def began_on(self) -> date:
        return self.pilot.started_on or self.pilot.start_on

    def refuse_outside(self, data: TrialData) -> None:
        """Raise Invalid where a stretch of a series lies outside its time."""
        ends_on = max(self.pilot.end_on, self.pilot.ended_on or self.pilot.end_on)
        refuse_outside(data, self.began_on, ends_on)


async def record_data(work: UnitOfWork, actor: Actor, command: RecordTrialData) -> TrialDataset:
    """Store the totals as the pilot's next version of data: those of the actor's own force, which
    runs the pilot or joined it.

    The same data again gives back the stored version, so that a client may repeat a call. Raises
    Denied to everybody else, WrongState before the lock and after the report, Invalid with every
    problem of the data, and for a correction without its reason. A stopped pilot goes on to its
    analysis.
    """
    handing = await handing_in(
        work,
        actor,
        command.pilot_id,
        force_id=command.force_id,
        outcome_id=command.outcome_id,
        revision=command.revision,
    )
    data = _parsed(command, handing.measured, partial=handing.partial)
    handing.refuse_outside(data)
    source = DataSource.API if command.csv is None else DataSource.CSV
    return await next_version(work, actor, handing, data.rows(), source, command.correction_reason)


async def handing_in(
    work: UnitOfWork,
    actor: Actor,
    pilot_id: int,
    *,
    force_id: int | None,
    revision: int | None,
    outcome_id: int | None = None,
) -> HandingIn:
    """The pilot, locked, for one of whose forces the actor may hand data in; of the primary KPI, or
    of the further one that is named.

    Raises Denied to everybody else, WrongState before the lock and after the report, NotFound for a
    KPI that its protocol does not register. A stopped pilot goes on to its analysis.
    """
    pilot = await pilots.held(work, actor, pilot_id)
    permission = Permission.RESULT_RECORD
    force_id = await pilots.acting_force(work, actor, pilot, permission, force_id)
    pilots.seen(pilot, revision)
    await pilots.analyse_stopped(work, pilot)
    if pilot.state not in RECORDED_IN:
        raise WrongState("Trial data are recorded while the pilot runs and until its report.")
    measured = await measured_of(work, pilot, outcome_id)
    several = bool(await pilots.taking_part(work, pilot))
    return HandingIn(pilot, force_id, measured, several)


async def next_version(
    work: UnitOfWork,
    actor: Actor,
    handing: HandingIn,
    cells: list[dict[str, Any]],
    source: DataSource,
    correction_reason: str | None,
    *,
    observed: Mapping[str, Any] | None = None,
) -> TrialDataset:
    """Store the force's data, or give back the stored version that they equal. `observed`: the
    columns that tell of the observations behind the cells.

    Raises Invalid for other data than before without a reason.
    """
    pilot, force_id = handing.pilot, handing.force_id
    newest = await newest_dataset(work, pilot)
    before = (await datasets_of(work, pilot, outcome_id=handing.outcome_id)).get(force_id)
    if before is not None and _same(before, cells, observed or {}):
        return before
    if before is not None and correction_reason is None:
        raise Invalid("Data were recorded before: say what you correct.", field="correction_reason")
    dataset = TrialDataset(
        pilot_id=pilot.id,
        force_id=force_id,
        outcome_id=handing.outcome_id,
        version=newest.version + 1 if newest else 1,
        source=source,
        cells=cells,
        cells_hash=digest(cells),
        recorded_by_id=actor.person_id,
        correction_reason=correction_reason if before else None,
        created_at=work.now,
        **(observed or {}),
    )
    work.session.add(dataset)
    await _tell(work, actor, pilot, dataset)
    return dataset


def _same(before: TrialDataset, cells: list[dict[str, Any]], observed: Mapping[str, Any]) -> bool:
    hashes = before.observations_hash, observed.get("observations_hash")
    return before.cells_hash == digest(cells) and hashes[0] == hashes[1]


async def datasets_of(
    work: UnitOfWork, pilot: Pilot, *, outcome_id: int | None = None, until: int | None = None
) -> dict[int | None, TrialDataset]:
    """Of one KPI, the newest dataset of each force by the force's id, as they stood at version
    `until`."""
    query = select(TrialDataset).where(
        TrialDataset.pilot_id == pilot.id,
        TrialDataset.outcome_id.is_not_distinct_from(outcome_id),
    )
    if until is not None:
        query = query.where(TrialDataset.version <= until)
    found = await work.session.scalars(query.order_by(TrialDataset.version))
    # Rows from before several forces could record name none: they are the pilot's own force's.
    return {dataset.force_id or pilot.force_id: dataset for dataset in found}


async def datasets_behind(
    work: UnitOfWork, pilot: Pilot, result: Result | OutcomeEffect
) -> list[TrialDataset]:
    """What it was computed from, of each force, the newest last."""
    newest = await work.session.get_one(TrialDataset, result.dataset_id)
    found = await datasets_of(work, pilot, outcome_id=newest.outcome_id, until=newest.version)
    return sorted(found.values(), key=lambda dataset: dataset.version)


async def basis_of(
    work: UnitOfWork,
    pilot: Pilot,
    datasets: Sequence[TrialDataset],
    lowering: Lowering | None = None,
    outcome: ProtocolOutcome | None = None,
) -> Basis:
    """What an effect of these data hangs on, on the primary KPI or the further one.

    Raises WrongState where the protocol is not locked, Conflict where plan or data no longer fit
    their hashes.
    """
    protocol = await locked_protocol(work, pilot)
    name = await name_of(work, outcome or pilot)
    return basis(pilot, protocol, datasets, name, lowering, outcome)


async def newest_dataset(work: UnitOfWork, pilot: Pilot) -> TrialDataset | None:
    """The newest of all its KPIs."""
    found = await work.session.scalars(
        select(TrialDataset)
        .where(TrialDataset.pilot_id == pilot.id)
        .order_by(TrialDataset.version.desc())
        .limit(1)
    )
    return found.one_or_none()


def _parsed(
    command: RecordTrialData, measured: Protocol | ProtocolOutcome, *, partial: bool
) -> TrialData:
    kpi_type, design = measured.kpi_type, measured.design
    if command.csv is not None:
        return parse_csv(command.csv, kpi_type, design, partial=partial)
    cells = [CellInput(**cell.model_dump()) for cell in command.cells or []]
    return from_cells(cells, kpi_type, design, partial=partial)


async def _tell(work: UnitOfWork, actor: Actor, pilot: Pilot, dataset: TrialDataset) -> None:
    facts = {
        "version": dataset.version,
        "source": dataset.source,
        "hash": dataset.cells_hash,
        "force_id": dataset.force_id,
        "outcome_id": dataset.outcome_id,
    }
    if dataset.observation_count is not None:
        facts["observations"] = dataset.observation_count
        facts["observations_hash"] = dataset.observations_hash
    why = dataset.correction_reason
    await record(work, "result:record", dataset, detail=facts, reason=why)
    if dataset.outcome_id is None:
        await pilots.recorded(work, actor, pilot, dataset.force_id, why)
    else:
        await pilots.note(work, actor, pilot, "record_outcome_data", before=pilot.state, reason=why)
