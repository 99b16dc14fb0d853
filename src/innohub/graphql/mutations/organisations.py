"""What an operator changes about organisations."""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.organisations import Body, Force, Supplier
from innohub.identity import directory
from innohub.identity.commands import AddOrganisation
from innohub.market.succession import service
from innohub.market.succession.commands import MergeForce


@strawberry.type
class AddedOrganisationPayload:
    """Of the three, what it is."""

    id: strawberry.Private[int]
    supplier: Supplier | None = stored("id")
    force: Force | None = stored("id")
    body: Body | None = stored("id")


@strawberry.type
class MergedForcePayload:
    id: strawberry.Private[int]
    force: Force | None = stored("id")


@strawberry.type
class OrganisationMutations:
    add_organisation = write(directory.add_organisation, AddOrganisation, AddedOrganisationPayload)
    merge_force = write(service.merge_force, MergeForce, MergedForcePayload)
