"""What is published as open contracting data."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy import true
from strawberry.scalars import JSON

from innohub.graphql.read.declare import Connection, Row, Term, among, column, node, where
from innohub.identity.viewer import Viewer
from innohub.market.open_data.models import OcdsRelease as Rows
from innohub.market.open_data.models import ProcessKind

strawberry.enum(ProcessKind)


def everybody(row: Row, viewer: Viewer) -> Any:
    """A release is made of what strangers may read."""
    return true()


@node(Rows, everybody, name="OcdsRelease")
class OcdsRelease:
    """A release of the Open Contracting Data Standard 1.1, as it went out."""

    release_id: str = column(Rows.release_id)
    ocid: str = column(Rows.ocid, "Of its contracting process.")
    process_kind: ProcessKind = column(Rows.process_kind)
    process_number: int = column(Rows.process_number, "The number of what the process is about.")
    sequence: int = column(Rows.sequence, "Its place in the process, from 1.")
    tags: list[str] = column(Rows.tags, "What it tells of, by the codelist `releaseTag`.")
    released_at: datetime = column(Rows.released_at)
    body: JSON = column(Rows.body)


@strawberry.input
class OcdsFilter:
    process_kind: list[ProcessKind] | None = where(
        lambda row, value: among(row.process_kind, value)
    )
    ocid: str | None = where(lambda row, value: row.ocid == value)
    release_id: str | None = where(lambda row, value: row.release_id == value)
    released_since: datetime | None = where(lambda row, value: row.released_at >= value)


def as_released(row: Row, given: Mapping[str, Any]) -> list[Term]:
    """The oldest first. Only one process of the hub releases at a time, so ids are in order."""
    return [Term(row.id, unique=True)]


OcdsReleaseConnection = Connection[OcdsRelease]
