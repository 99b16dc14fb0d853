"""What an operator changes about organisations."""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.organisations import Body, Force, Supplier
from innohub.identity import directory
from innohub.identity.commands import AddOrganisation
from innohub.identity.organisations.changing import change_organisation
from innohub.identity.organisations.commands import ChangeOrganisation, MovePerson
from innohub.identity.organisations.moving import move_person
from innohub.market.succession import service
from innohub.market.succession.commands import MergeOrganisation


@strawberry.type
class AddedOrganisationPayload:
    """Of the three, what it is."""

    id: strawberry.Private[int]
    supplier: Supplier | None = stored("id")
    force: Force | None = stored("id")
    body: Body | None = stored("id")


@strawberry.type
class ChangedOrganisationPayload(AddedOrganisationPayload):
    """Of the three, what it is."""


@strawberry.type
class MovedPersonPayload(AddedOrganisationPayload):
    """The organisation that they are in now: of the three, what it is."""


@strawberry.type
class MergedOrganisationPayload(AddedOrganisationPayload):
    """The one that has ended: of the three, what it is."""


@strawberry.type
class OrganisationMutations:
    add_organisation = write(directory.add_organisation, AddOrganisation, AddedOrganisationPayload)
    change_organisation = write(change_organisation, ChangeOrganisation, ChangedOrganisationPayload)
    move_person = write(move_person, MovePerson, MovedPersonPayload)
    merge_organisation = write(
        service.merge_organisation, MergeOrganisation, MergedOrganisationPayload
    )
