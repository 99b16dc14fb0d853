"""Handing in trial data as a file, and saying that they were understood."""

from typing import Annotated

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Reason


class ReceiveFile(Command):
    """Hand in a CSV file of totals or of observations: it is looked at first, and counts once
    `RecordUpload` says so. `force_id` is needed only by somebody who acts for several forces."""

    pilot_id: Annotated[int, IdOf("Pilot")]
    revision: int | None = None
    force_id: Annotated[int, IdOf("Force")] | None = None


class _OfUpload(Command):
    upload_id: Annotated[int, IdOf("TrialUpload")]


class RecordUpload(_OfUpload):
    """Say that an upload was understood as it was meant: it becomes the pilot’s next version of
    data. From the second time on with a reason. `revision` is the pilot as the person saw it.
    """

    revision: int | None = None
    correction_reason: Reason | None = None


class AbandonUpload(_OfUpload):
    """Take an upload back. What came with it is deleted."""
