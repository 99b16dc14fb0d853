"""Observations that a force's own system sends in batches: each is stored whole or not at all, and
all are checked together before they count."""

from collections.abc import AsyncIterator, Sequence

from sqlalchemy import func, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, Problem, TooLarge, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.evidence.estimators.trial import kpi_type_of
from innohub.market.evidence.observations import refuse_incomplete
from innohub.market.evidence.observing.checking import copy_rows, summary
from innohub.market.evidence.observing.commands import AddObservations, Observation, OpenUpload
from innohub.market.evidence.observing.holding import held_upload
from innohub.market.evidence.observing.layout import PLACED_BY, VALUES, Layout
from innohub.market.evidence.observing.lines import LineReader, Row
from innohub.market.evidence.observing.models import (
    COLUMN_OF,
    MAX_ROWS,
    OBSERVATIONS,
    UPLOAD,
    ObservationRun,
    TrialUpload,
    UploadState,
)
from innohub.market.evidence.observing.problems import Problems
from innohub.market.evidence.observing.reading import Reading
from innohub.market.evidence.observing.receiving import (
    KEPT,
    new_upload,
    not_too_many,
    rules_of,
)
from innohub.market.evidence.observing.rules import Rules
from innohub.market.evidence.observing.stored import read_stored
from innohub.market.evidence.recording import HandingIn, handing_in
from innohub.outbox.service import record

MOST_NAMED = 20
"""Units that were told twice, by name."""


async def open_upload(work: UnitOfWork, actor: Actor, command: OpenUpload) -> TrialUpload:
    """Raises as `handing_in` does, Conflict while three others wait, Invalid for a design that
    observations cannot answer."""
    handing = await handing_in(
        work,
        actor,
        command.pilot_id,
        force_id=command.force_id,
        outcome_id=command.outcome_id,
        revision=command.revision,
    )
    await not_too_many(work, handing)
    upload = new_upload(work, actor, handing)
    rules_of(handing.pilot, handing.measured, upload)
    upload.state = UploadState.OPEN
    work.session.add(upload)
    facts = {
        "kind": upload.kind,
        "force_id": upload.force_id,
        "outcome_id": upload.outcome_id,
    }
    await record(work, "trial_data:open", upload, detail=facts)
    return upload


async def add_observations(work: UnitOfWork, actor: Actor, command: AddObservations) -> TrialUpload:
    """Raises WrongState unless the upload is open, TooLarge beyond two million rows, Invalid with
    every problem of the batch: its fields are `observations.INDEX.NAME`."""
    upload = await held_upload(work, actor, command.upload_id)
    actor.require(Permission.RESULT_RECORD, upload.force_id)
    handing = await handing_in(
        work,
        actor,
        upload.pilot_id,
        force_id=upload.force_id,
        outcome_id=upload.outcome_id,
        revision=None,
    )
    if upload.state is not UploadState.OPEN:
        raise WrongState(f"This upload is {upload.state}: nothing can be added to it.")
    if upload.rows_read + len(command.observations) > MAX_ROWS:
        raise TooLarge(f"An upload holds at most {MAX_ROWS:,} rows.", field="observations")
    rules = rules_of(handing.pilot, handing.measured, upload)
    layout = _layout(upload, command.observations, rules)
    lines = _read(command.observations, layout, rules)
    upload.understood = {"columns": list(layout.columns)}
    upload.rows_read += len(command.observations)
    upload.expires_at = work.now + KEPT
    await record(work, "trial_data:add", upload, detail={"rows": len(command.observations)})
    columns = [COLUMN_OF.get(name, name) for name in layout.columns]
    await copy_rows(await work.session.connection(), upload.id, columns, _once(lines))
    return upload


async def check_together(work: UnitOfWork, handing: HandingIn, upload: TrialUpload) -> None:
    """All observations of the batches at once; the upload is checked then. Raises Invalid."""
    if not upload.rows_read:
        raise Invalid("Nothing was added to this upload yet.")
    rules = rules_of(handing.pilot, handing.measured, upload)
    columns = tuple(upload.understood["columns"])
    reading = await read_stored(await work.session.connection(), upload.id, columns, rules)
    if reading.problems:
        raise Invalid(reading.problems.kept[0].message, problems=await _told(work, upload, reading))
    data = reading.trial()
    if not handing.partial:
        refuse_incomplete(data, rules.plan.design)
    upload.state = UPLOAD.after("pass", upload.state)
    upload.cells, upload.checked_at = data.rows(), work.now
    upload.observations_hash = reading.fingerprint.hexdigest()
    upload.understood = upload.understood | summary(reading)


def _layout(upload: TrialUpload, rows: Sequence[Observation], rules: Rules) -> Layout:
    """The columns that the first batch filled: the later ones fill the same. Raises Invalid."""
    filled = {name for row in rows for name, value in row.model_dump().items() if value}
    kept = upload.understood.get("columns")
    values = VALUES[kpi_type_of(rules.kpi_type)]
    columns = kept or [n for n in PLACED_BY if n in filled | {"arm", "period"}] + [*values]
    if strange := sorted(filled - set(columns)):
        why = "as the first batch did" if kept else f"for a {rules.kpi_type.replace('_', ' ')}"
        name = strange[0]
        raise Invalid(f"Leave “{name}” out, {why}.", field="observations")
    return Layout(rules.kpi_type, tuple(columns), first_line=0)


def _read(rows: Sequence[Observation], layout: Layout, rules: Rules) -> bytes:
    """Canonical lines. Raises Invalid with every problem."""
    problems = Problems()
    reader = LineReader(layout, rules, problems)
    reading = Reading(layout, rules)
    read: list[Row] = []
    for index, row in enumerate(rows):
        found = reader.row(row.model_dump(include=set(layout.columns)), index)
        if found is not None:
            read.append(found)
    lines = reading.rows(read)
    reading.end()
    if problems or reading.problems:
        raise _refusal([*problems.kept, *reading.problems.kept])
    return lines


def _refusal(found: Sequence[Problem]) -> Invalid:
    """Rows of a batch have no lines: the place of each is in its field, counted from 0."""
    told = [
        Problem(one.message, f"observations.{one.row}.{one.field}")
        if one.row is not None and one.field
        else Problem(one.message, "observations")
        for one in found
    ]
    return Invalid(told[0].message, problems=told)


async def _told(work: UnitOfWork, upload: TrialUpload, reading: Reading) -> list[Problem]:
    """Problems of all batches together: units by name, because they have no lines."""
    table = OBSERVATIONS.c
    twice = (
        select(table.unit_id)
        .where(ObservationRun.of(upload.id), table.unit_id.is_not(None))
        .group_by(table.arm, table.period, table.unit_id)
        .having(func.count() > 1)
        .order_by(table.unit_id)
        .limit(MOST_NAMED)
    )
    named = (await work.session.scalars(twice)).all()
    if named:
        return [Problem(f"The unit “{unit}” was told twice.", "unit_id") for unit in named]
    return [Problem(one.message, one.field) for one in reading.problems.kept]


async def _once(lines: bytes) -> AsyncIterator[bytes]:
    yield lines
