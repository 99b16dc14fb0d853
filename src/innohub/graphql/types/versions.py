"""The versions of a listing, and how two of them differ."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry.scalars import JSON

from innohub.errors import NotFound
from innohub.graphql.read.declare import Node, column, node, one
from innohub.market.catalogue import models as rows
from innohub.market.catalogue import policy
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.differences import Difference, Kind
from innohub.market.catalogue.models import VersionState
from innohub.market.catalogue.parts import Area

if TYPE_CHECKING:
    from innohub.graphql.types.catalogue import Technology
else:
    Technology = Annotated["Technology", strawberry.lazy("innohub.graphql.types.catalogue")]

strawberry.enum(VersionState)
strawberry.enum(Area, name="ListingArea")
strawberry.enum(Kind, name="DifferenceKind")


@node(rows.ListingVersion, policy.version_visible, name="ListingVersion")
class ListingVersion(Node):
    """What was submitted, word for word."""

    number: int = column(rows.ListingVersion.number)
    state: VersionState = column(rows.ListingVersion.state)
    content: JSON = column(rows.ListingVersion.content, "The facts, sections and assurance held.")
    content_hash: str = column(rows.ListingVersion.content_hash)
    changed: list[str] = column(
        rows.ListingVersion.changed, "The parts that differ from the version before it."
    )
    material: bool = column(
        rows.ListingVersion.material, "Whether it had to be reviewed before anybody read it."
    )
    submitted_at: datetime = column(rows.ListingVersion.created_at)
    review_due_on: datetime | None = column(rows.ListingVersion.review_due_on)
    reviewed_at: datetime | None = column(rows.ListingVersion.reviewed_at)
    review_reason: str | None = column(rows.ListingVersion.review_reason)
    review_reasons: JSON = column(
        rows.ListingVersion.review_reasons, "The reviewer's reasons by part."
    )
    live_at: datetime | None = column(
        rows.ListingVersion.live_at, "When it became what everybody reads."
    )
    technology: Technology | None = one(lambda row, other: other.id == row.technology_id)


@strawberry.type(description="A run of words, and whether it stayed, was added or was removed.")
class DifferenceRun:
    kind: Kind
    text: str


@strawberry.type(description="One part of a listing that differs.")
class PartDifference:
    part: str
    label: str
    area: Area | None = strawberry.field(description="What makes the change a material one.")
    runs: list[DifferenceRun]


@strawberry.type(description="How two versions of a listing differ, part by part.")
class ListingDifference:
    material: bool = strawberry.field(
        description="Whether such a change has to be reviewed before anybody reads it."
    )
    parts: list[PartDifference]


async def listing_difference(
    info: strawberry.Info, slug: str, since: int | None = None, to: int | None = None
) -> ListingDifference | None:
    """`since` and `to` are numbers of versions; null where either may not be seen."""
    context = info.context
    async with context.database.session() as session:
        try:
            found = await catalogue.difference_of(session, context.viewer, slug, since, to)
        except NotFound:
            return None
    return _told(found)


def _told(found: Difference) -> ListingDifference:
    return ListingDifference(
        material=found.material,
        parts=[
            PartDifference(
                part=one.part,
                label=one.label,
                area=one.area,
                runs=[DifferenceRun(kind=run.kind, text=run.text) for run in one.runs],
            )
            for one in found.parts
        ],
    )
