"""Who is asking."""

import strawberry

from innohub.db import identifiers
from innohub.identity.actor import ActorKind
from innohub.identity.models import OrganisationKind
from innohub.identity.permissions import Permission

KINDS = {
    OrganisationKind.FORCE: "Force",
    OrganisationKind.SUPPLIER: "Supplier",
}


@strawberry.type(description="A place in an organisation, and what may be done from it.")
class Seat:
    organisation_id: strawberry.ID
    permissions: list[str]


@strawberry.type(description="The person or the API client that sent this request.")
class Viewer:
    name: str
    signed_in: bool
    is_client: bool
    person_id: strawberry.ID | None = strawberry.field(
        description="The signed-in person's global id: the members of a round are named by theirs."
    )
    seats: list[Seat]


def viewer(info: strawberry.Info) -> Viewer:
    actor = info.context.actor
    return Viewer(
        name=actor.name,
        signed_in=actor.signed_in,
        is_client=actor.kind is ActorKind.CLIENT,
        person_id=_person_id(actor.person_id or actor.on_behalf_of),
        seats=[
            Seat(
                organisation_id=strawberry.ID(
                    identifiers.encode(KINDS.get(seat.kind, "Body"), seat.organisation_id)
                ),
                permissions=sorted(Permission(p).value for p in seat.permissions),
            )
            for seat in actor.seats
        ],
    )


def _person_id(id: int | None) -> strawberry.ID | None:
    return None if id is None else strawberry.ID(identifiers.encode("Person", id))
