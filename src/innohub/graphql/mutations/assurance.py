"""Changes to the assurance passport."""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.assurance import AssuranceItem, AssuranceResponse
from innohub.market.assurance import commands, service
from innohub.market.pilots import service as pilots


@strawberry.type
class AssuranceItemPayload:
    id: strawberry.Private[int]
    item: AssuranceItem | None = stored("id")


@strawberry.type
class AssuranceResponsePayload:
    id: strawberry.Private[int]
    response: AssuranceResponse | None = stored("id")


@strawberry.type
class AssuranceMutations:
    declare_assurance = write(service.declare_item, commands.DeclareItem, AssuranceItemPayload)
    add_assurance_evidence = write(service.add_evidence, commands.AddEvidence, AssuranceItemPayload)
    remove_assurance_evidence = write(
        service.remove_evidence, commands.RemoveEvidence, AssuranceItemPayload
    )
    verify_assurance = write(pilots.verify_item, commands.VerifyItem, AssuranceItemPayload)
    reject_assurance = write(pilots.reject_item, commands.RejectItem, AssuranceItemPayload)
    respond_to_assurance = write(
        pilots.respond_to_item, commands.RespondToItem, AssuranceResponsePayload
    )
