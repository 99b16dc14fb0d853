"""Who is asking: the one value that every service and every read is given."""

from dataclasses import dataclass, field
from enum import StrEnum

from innohub.db.unit_of_work import Signature
from innohub.errors import Denied, NotSignedIn
from innohub.identity.models import OrganisationKind
from innohub.identity.permissions import Permission
from innohub.identity.proved import Proved


@dataclass(frozen=True)
class Seat:
    """A place in an organisation, and what may be done from it."""

    organisation_id: int
    kind: OrganisationKind
    permissions: frozenset[Permission]


class ActorKind(StrEnum):
    ANONYMOUS = "anonymous"
    PERSON = "person"
    CLIENT = "client"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """A person, an API client, the hub itself, or a stranger."""

    kind: ActorKind = ActorKind.ANONYMOUS
    name: str = "Not signed in"
    person_id: int | None = None
    client_id: int | None = None
    on_behalf_of: int | None = None
    """The person whose consent a client shows. It does what their role and its scopes both allow,
    and nothing that is theirs in person: their notices, their ballots, their second look."""
    seats: tuple[Seat, ...] = field(default=())
    proved: Proved | None = None
    """How and when a person at a browser last showed who they are; None of everybody else."""

    @property
    def signed_in(self) -> bool:
        return self.kind is not ActorKind.ANONYMOUS

    def organisations(self, kind: OrganisationKind) -> list[int]:
        """Ids of the actor's organisations of one kind, in order."""
        return sorted({seat.organisation_id for seat in self.seats if seat.kind is kind})

    def may(self, permission: Permission, organisation_id: int | None = None) -> bool:
        """Whether any seat carries `permission`, in `organisation_id` where one is named."""
        return any(
            permission in seat.permissions
            for seat in self.seats
            if organisation_id is None or seat.organisation_id == organisation_id
        )

    def with_permission(self, permission: Permission) -> list[int]:
        """Ids of the organisations in which the actor holds `permission`, in order."""
        return sorted({s.organisation_id for s in self.seats if permission in s.permissions})

    def require(self, permission: Permission, organisation_id: int | None = None) -> None:
        """Raise NotSignedIn for a stranger, Denied for anybody without the permission."""
        if not self.signed_in:
            raise NotSignedIn("Sign in to do this.")
        if not self.may(permission, organisation_id):
            raise Denied(f"Your role does not allow this ({permission}).")

    def only_organisation(self, permission: Permission) -> int:
        """The organisation the actor acts for. Raises Denied where it is none or not clear."""
        held = self.with_permission(permission)
        if not held:
            self.require(permission)
        if len(held) != 1:
            raise Denied("You may do this for several organisations: name the one you act for.")
        return held[0]

    def signature(
        self, request_id: str | None = None, organisation_id: int | None = None
    ) -> Signature:
        """How the audit trail names the actor."""
        seats = {seat.organisation_id for seat in self.seats}
        acting_for = organisation_id or (seats.pop() if len(seats) == 1 else None)
        person_id = self.person_id or self.on_behalf_of
        return Signature(person_id, self.client_id, acting_for, request_id)


STRANGER = Actor()
SYSTEM = Actor(kind=ActorKind.SYSTEM, name="InnoHub")
