"""Handing in trial data as a file or in batches, and saying that they were understood."""

from typing import Annotated

from pydantic import Field

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Reason

MOST_IN_A_BATCH = 5_000


class ReceiveFile(Command):
    """Hand in a CSV file of totals or of observations: it is looked at first, and counts once
    `RecordUpload` says so. `force_id` is needed only by somebody who acts for several forces.
    `outcome_id` names one of the protocol's further KPIs; without it, it is of the primary one."""

    pilot_id: Annotated[int, IdOf("Pilot")]
    revision: int | None = None
    force_id: Annotated[int, IdOf("Force")] | None = None
    outcome_id: Annotated[int, IdOf("ProtocolOutcome")] | None = None


class OpenUpload(ReceiveFile):
    """Begin to hand in observations in batches. Nothing of them counts before `recordUpload`; left
    alone for two days, they are deleted."""


class _OfUpload(Command):
    upload_id: Annotated[int, IdOf("TrialUpload")]


class Observation(Command):
    """One unit or record, without anything that tells who it is about: its arm, its period or the
    day that decides it, and the value that the KPI’s type takes. Numbers are texts, so that no
    digit is lost."""

    arm: str = ""
    period: str = ""
    on: str = ""
    site: str = ""
    cluster: str = ""
    unit_id: str = ""
    event: str = ""
    events: str = ""
    exposure: str = ""
    value: str = ""


class AddObservations(_OfUpload):
    """Add up to 5,000 observations to an open upload: all of them, or none where one has a problem.
    Sent again with the same Idempotency-Key, a batch is added once."""

    observations: Annotated[list[Observation], Field(min_length=1, max_length=MOST_IN_A_BATCH)]


class RecordUpload(_OfUpload):
    """Say that an upload was understood as it was meant: it becomes the pilot’s next version of
    data. From the second time on with a reason. `revision` is the pilot as the person saw it.

    Of an upload in batches, all observations are checked together first.
    """

    revision: int | None = None
    correction_reason: Reason | None = None


class AbandonUpload(_OfUpload):
    """Take an upload back. What came with it is deleted."""
