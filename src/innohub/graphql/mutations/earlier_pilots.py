"""Pilots that forces ran without the hub."""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.earlier_pilots import EarlierPilot
from innohub.market.pilots.earlier import service as earlier
from innohub.market.pilots.earlier.commands import RecordEarlierPilot
from innohub.market.pilots.earlier.models import Recorded

strawberry.enum(Recorded)


@strawberry.type
class EarlierPilotPayload:
    id: strawberry.Private[int]
    outcome: Recorded = strawberry.field(description="What became, or would become, of it.")
    earlier_pilot: EarlierPilot | None = stored("id")


def _fields(told: earlier.Told) -> dict[str, object]:
    # No row has the number 0: an account that was only tried is shown as none.
    return {"id": told.id or 0, "outcome": told.outcome}


@strawberry.type
class EarlierPilotMutations:
    record_earlier_pilot = write(earlier.tell, RecordEarlierPilot, EarlierPilotPayload, of=_fields)
