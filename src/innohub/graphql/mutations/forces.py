"""What a force says of itself, and any organisation of how it is registered."""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.organisations import Force, Supplier
from innohub.market.forces import commands
from innohub.market.forces import service as forces
from innohub.market.forces.models import ForceContext
from innohub.market.open_data import service as open_data


@strawberry.type
class ForceContextPayload:
    id: strawberry.Private[int]
    force: Force | None = stored("id", "The force, with its sheet as `context`.")


@strawberry.type
class IdentifiedPayload:
    id: strawberry.Private[int]
    force: Force | None = stored("id", "The organisation, if it is a force.")
    supplier: Supplier | None = stored("id", "The organisation, if it is a supplier.")


def _of_force(sheet: ForceContext) -> dict[str, int]:
    return {"id": sheet.force_id}


@strawberry.type
class ForceMutations:
    write_force_context = write(
        forces.write_context, commands.WriteContext, ForceContextPayload, of=_of_force
    )
    identify_organisation = write(
        open_data.identify, open_data.IdentifyOrganisation, IdentifiedPayload
    )
