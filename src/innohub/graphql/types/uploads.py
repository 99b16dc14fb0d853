"""Trial data that were handed in and do not count yet."""

from datetime import date, datetime

import strawberry
from strawberry.scalars import JSON

from innohub.graphql.read.declare import Node, column, node, one
from innohub.graphql.types.organisations import Force
from innohub.graphql.types.outcomes import ProtocolOutcome
from innohub.graphql.types.pilots import Pilot
from innohub.market.evidence.observing import policy
from innohub.market.evidence.observing.models import TrialUpload as Upload
from innohub.market.evidence.observing.models import UploadKind, UploadState

strawberry.enum(UploadKind)
strawberry.enum(UploadState)


@node(Upload, policy.visible, name="TrialUpload")
class TrialUpload(Node):
    """A file, or a row of batches, of trial data: checked, then recorded or taken back."""

    number: int = column(Upload.id, "As in the page's address.")
    kind: UploadKind = column(Upload.kind)
    state: UploadState = column(Upload.state)
    by_name: str = column(Upload.by_name, "Who handed it in.")
    file_name: str | None = column(Upload.file_name, "Null for batches.")
    size: int = column(Upload.size, "Bytes of the file.")
    bytes_read: int = column(Upload.bytes_read)
    rows_read: int = column(Upload.rows_read)
    problem_count: int = column(Upload.problem_count)
    problems: JSON = column(
        Upload.problems, "The first thousand: a list of `row`, `column` and `message`."
    )
    understood: JSON = column(
        Upload.understood, "What the file was taken for: its encoding, separator, columns, days."
    )
    began_on: date = column(Upload.began_on, "The day that parts before from after.")
    cells: JSON = column(Upload.cells, "The totals that it comes to, once it was checked.")
    observations_hash: str | None = column(Upload.observations_hash)
    handed_in_at: datetime = column(Upload.created_at)
    checked_at: datetime | None = column(Upload.checked_at)
    expires_at: datetime | None = column(Upload.expires_at, "When it is deleted.")
    pilot: Pilot | None = one(lambda row, pilot: pilot.id == row.pilot_id)
    force: Force | None = one(lambda row, force: force.id == row.force_id)
    outcome: ProtocolOutcome | None = one(
        lambda row, outcome: outcome.id == row.outcome_id,
        "The further KPI that was counted; null for the primary one.",
    )
