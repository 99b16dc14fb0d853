"""What an operator changes about organisations."""

from typing import Any

import strawberry

from innohub.db import identifiers
from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.organisations import Force
from innohub.graphql.types.viewer import KINDS
from innohub.identity import directory
from innohub.identity.commands import AddOrganisation
from innohub.identity.models import Organisation
from innohub.market.succession import service
from innohub.market.succession.commands import MergeForce


@strawberry.type
class AddedOrganisationPayload:
    organisation_id: strawberry.ID
    slug: str


@strawberry.type
class MergedForcePayload:
    id: strawberry.Private[int]
    force: Force | None = stored("id")


def _added(organisation: Organisation) -> dict[str, Any]:
    kind = KINDS.get(organisation.kind, "Body")
    return {
        "organisation_id": identifiers.encode(kind, organisation.id),
        "slug": organisation.slug,
    }


@strawberry.type
class OrganisationMutations:
    add_organisation = write(
        directory.add_organisation, AddOrganisation, AddedOrganisationPayload, of=_added
    )
    merge_force = write(service.merge_force, MergeForce, MergedForcePayload)
