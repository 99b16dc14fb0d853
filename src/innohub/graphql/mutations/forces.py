"""What a force says of itself."""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.organisations import Force
from innohub.market.forces import commands
from innohub.market.forces import service as forces
from innohub.market.forces.models import ForceContext


@strawberry.type
class ForceContextPayload:
    id: strawberry.Private[int]
    force: Force | None = stored("id", "The force, with its sheet as `context`.")


def _of_force(sheet: ForceContext) -> dict[str, int]:
    return {"id": sheet.force_id}


@strawberry.type
class ForceMutations:
    write_force_context = write(
        forces.write_context, commands.WriteContext, ForceContextPayload, of=_of_force
    )
