"""An upload that was checked becomes a version of the pilot's data, or is taken back."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.evidence.models import DataSource, TrialDataset
from innohub.market.evidence.observing.batches import check_together
from innohub.market.evidence.observing.commands import AbandonUpload, RecordUpload
from innohub.market.evidence.observing.holding import held_upload
from innohub.market.evidence.observing.models import (
    UPLOAD,
    TrialUpload,
    UploadKind,
    UploadState,
)
from innohub.market.evidence.recording import handing_in, next_version
from innohub.outbox.service import record


async def record_upload(work: UnitOfWork, actor: Actor, command: RecordUpload) -> TrialDataset:
    """The upload's cells as the force's next version of data; the stored version where they equal
    it.

    Raises as `handing_in` and `next_version` do, WrongState for an upload that was not checked or
    was recorded before, Invalid where batches do not fit together.
    """
    upload = await held_upload(work, actor, command.upload_id)
    handing = await handing_in(
        work,
        actor,
        upload.pilot_id,
        force_id=upload.force_id,
        outcome_id=upload.outcome_id,
        revision=command.revision,
    )
    if upload.state is UploadState.OPEN:
        await check_together(work, handing, upload)
    target = UPLOAD.after("record", upload.state)
    observed = {}
    if upload.kind is UploadKind.OBSERVATIONS:
        observed = {
            "observation_count": upload.rows_read,
            "observations_hash": upload.observations_hash,
        }
    source = DataSource.API if upload.file_name is None else DataSource.CSV
    reason = command.correction_reason
    dataset = await next_version(
        work, actor, handing, upload.cells, source, reason,
        observed=observed | {"upload_id": upload.id},
    )  # fmt: skip
    if dataset.upload_id != upload.id:
        # The same data again: what came now is not needed.
        await _take_back(work, upload)
        return dataset
    upload.state, upload.expires_at = target, None
    return dataset


async def abandon_upload(work: UnitOfWork, actor: Actor, command: AbandonUpload) -> TrialUpload:
    """Raises Denied, NotFound, WrongState once it was recorded."""
    upload = await held_upload(work, actor, command.upload_id)
    actor.require(Permission.RESULT_RECORD, upload.force_id)
    await _take_back(work, upload)
    return upload


async def _take_back(work: UnitOfWork, upload: TrialUpload) -> None:
    upload.state = UPLOAD.after("abandon", upload.state)
    upload.due_at, upload.expires_at = None, work.now
    await record(work, "trial_data:abandon", upload, detail={"rows": upload.rows_read})
