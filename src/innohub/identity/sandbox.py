"""The sandbox: a market of invented data beside the market, for programs that are being built.

It has a database of its own. People, programs and their tokens are registered in the market's, and
nowhere else; in the sandbox an organisation has a double, which is all that the two share.
"""

from dataclasses import dataclass, replace

from innohub.db.engine import ReadPool
from innohub.identity.actors import Caller
from innohub.identity.models import OrganisationKind

_NEWCOMER = "SELECT id, kind, name FROM organisation WHERE id = $1"
_DOUBLE = "SELECT id FROM organisation WHERE slug = $1"


@dataclass(frozen=True)
class Newcomer:
    """An organisation of the market that has no double in the sandbox yet."""

    id: int
    kind: OrganisationKind
    name: str

    @property
    def slug(self) -> str:
        return slug_of(self.id)


def slug_of(organisation_id: int) -> str:
    """Of an organisation's double: no organisation that the sandbox invents is called so."""
    return f"own-{organisation_id}"


async def newcomer(register: ReadPool, organisation_id: int) -> Newcomer:
    """`register`: over the market's own database."""
    async with register.connection() as connection:
        row = await connection.fetchrow(_NEWCOMER, organisation_id)
    return Newcomer(row["id"], OrganisationKind(row["kind"]), row["name"])


async def double_of(reads: ReadPool, organisation_id: int) -> int | None:
    """The id of its double. `reads`: over the sandbox's database."""
    async with reads.connection() as connection:
        found: int | None = await connection.fetchval(_DOUBLE, slug_of(organisation_id))
    return found


def as_double(caller: Caller, double_id: int) -> Caller:
    """The caller with the same permissions, held in the double of their organisation."""
    seats = tuple(replace(seat, organisation_id=double_id) for seat in caller.actor.seats)
    return replace(caller, actor=replace(caller.actor, seats=seats))
