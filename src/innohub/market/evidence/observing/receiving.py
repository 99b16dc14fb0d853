"""A file comes in: totals are looked at at once, observations are kept for a worker to check."""

from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import func, insert, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, TooLarge
from innohub.identity.actor import Actor
from innohub.market.documents.files import harmless
from innohub.market.evidence.observations import parse_csv
from innohub.market.evidence.observing.commands import ReceiveFile
from innohub.market.evidence.observing.layout import SEPARATORS, Head, Layout, read_head
from innohub.market.evidence.observing.models import (
    TrialUpload,
    TrialUploadPart,
    UploadKind,
    UploadState,
)
from innohub.market.evidence.observing.rules import Rules
from innohub.market.evidence.observing.text import Encoding, Lines
from innohub.market.evidence.recording import HandingIn, handing_in
from innohub.market.evidence.table import MAX_BYTES
from innohub.market.pilots.models import Pilot
from innohub.market.pilots.models import Protocol as Plan
from innohub.market.pilots.outcomes.models import ProtocolOutcome
from innohub.market.working_days import london_date
from innohub.outbox.service import record

MIB = 1024 * 1024
LARGEST_FILE = 192 * MIB
PIECE = MIB
"""Bytes of the file that are in memory at one time."""
MOST_WAITING = 3
"""Uploads of one force for one pilot that are neither recorded nor abandoned."""
KEPT = timedelta(days=2)
"""How long an upload waits for somebody to confirm it."""
JOB = "check_uploads"
"""The worker's job that reads what was received."""


class Incoming(Protocol):
    """A file that is read piece by piece, from where it was put while it came in."""

    async def read(self, size: int = -1) -> bytes: ...


async def receive(
    work: UnitOfWork, actor: Actor, command: ReceiveFile, *, file: Incoming, name: str
) -> TrialUpload:
    """Keep the file for its check; of totals, with what they were taken for.

    Raises Invalid where it is no table, or a table of totals with problems: nothing is kept of it
    then. Raises as `handing_in` does, Conflict while three others wait, TooLarge.
    """
    handing = await handing_in(
        work,
        actor,
        command.pilot_id,
        force_id=command.force_id,
        outcome_id=command.outcome_id,
        revision=command.revision,
    )
    await not_too_many(work, handing)
    first = await file.read(PIECE)
    lines = Lines()
    head, _ = read_head(lines.feed(first) or lines.end())
    upload = new_upload(work, actor, handing)
    upload.file_name = harmless(name, "csv")
    rules = rules_of(handing.pilot, handing.measured, upload)
    if head.is_of_observations(over_time=rules.plan.over_time):
        layout = Layout.of(head, rules.kpi_type)
        upload.understood = understood(head, lines.encoding) | {"columns": layout.columns}
        await _queue(work, upload, first, file)
    else:
        content = first + await file.read(MAX_BYTES + 1 - len(first))
        _take_totals(upload, handing, content)
        upload.understood = understood(head, lines.encoding)
        work.session.add(upload)
    facts = {"kind": upload.kind, "bytes": upload.size, "force_id": upload.force_id}
    facts["outcome_id"] = upload.outcome_id
    await record(work, "trial_data:receive", upload, detail=facts)
    return upload


def new_upload(work: UnitOfWork, actor: Actor, handing: HandingIn) -> TrialUpload:
    return TrialUpload(
        pilot_id=handing.pilot.id,
        force_id=handing.force_id,
        outcome_id=handing.outcome_id,
        person_id=actor.person_id,
        by_name=actor.name,
        kind=UploadKind.OBSERVATIONS,
        state=UploadState.QUEUED,
        size=0,
        bytes_read=0,
        rows_read=0,
        problem_count=0,
        problems=[],
        understood={},
        cells=[],
        tries=0,
        began_on=handing.began_on,
        expires_at=work.now + KEPT,
        created_at=work.now,
    )


def rules_of(pilot: Pilot, plan: Plan | ProtocolOutcome, upload: TrialUpload) -> Rules:
    """What the locked protocol lets an observation be, on the day on which the upload came.

    Raises Invalid for a design that totals by arm and period cannot answer.
    """
    last_on = pilot.ended_on or max(london_date(upload.created_at), upload.began_on)
    return Rules.of(plan.kpi_type, plan.design, upload.began_on, last_on, plan.unit)


def understood(head: Head, encoding: Encoding) -> dict[str, Any]:
    return {
        "encoding": encoding,
        "separator": SEPARATORS[head.separator],
        "columns": list(head.names),
    }


async def not_too_many(work: UnitOfWork, handing: HandingIn) -> None:
    over = (UploadState.RECORDED, UploadState.ABANDONED, UploadState.REFUSED)
    waiting = select(func.count()).where(
        TrialUpload.pilot_id == handing.pilot.id,
        TrialUpload.force_id == handing.force_id,
        TrialUpload.state.not_in(over),
    )
    if int(await work.session.scalar(waiting) or 0) >= MOST_WAITING:
        raise Conflict(
            f"{MOST_WAITING} uploads of your force wait already: record or cancel one first."
        )


def _take_totals(upload: TrialUpload, handing: HandingIn, content: bytes) -> None:
    """Raises Invalid with every problem."""
    plan = handing.measured
    data = parse_csv(content, plan.kpi_type, plan.design, partial=handing.partial)
    handing.refuse_outside(data)
    upload.kind, upload.state = UploadKind.TOTALS, UploadState.CHECKED
    upload.cells = data.rows()
    upload.size = upload.bytes_read = len(content)
    upload.rows_read = len(upload.cells)
    upload.checked_at = upload.created_at


async def _queue(work: UnitOfWork, upload: TrialUpload, first: bytes, file: Incoming) -> None:
    """Raises TooLarge."""
    upload.due_at = work.now
    work.session.add(upload)
    await work.session.flush()
    piece, position = first, 0
    while piece:
        upload.size += len(piece)
        if upload.size > LARGEST_FILE:
            raise TooLarge(f"A file may have {LARGEST_FILE // MIB} MB at most.", field="file")
        part = {"upload_id": upload.id, "position": position, "body": piece}
        await work.session.execute(insert(TrialUploadPart), part)
        piece, position = await file.read(PIECE), position + 1
    work.wakes.add(JOB)
