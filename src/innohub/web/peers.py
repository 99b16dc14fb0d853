"""Forces like the reader's own: whose eyes they are, and why two forces are alike, in words."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.identity.actor import Actor
from innohub.identity.models import OrganisationKind
from innohub.web.authentication import caller_of

SHARED = {
    "samePeerGroup": "polices the same kind of place",
    "sameRecordsSystem": "has the same records system",
    "sameSize": "is of the same size",
    "sameRegion": "is in the same region",
}
LIKE = "like"
MINE = "mine"
"""`?like=mine` narrows a page to forces like the reader's own."""


def because(peer: Mapping[str, Any]) -> str:
    """ "polices the same kind of place and is in the same region" of a ForcePeer."""
    told = [words for name, words in SHARED.items() if peer[name]]
    return ", ".join(told[:-1]) + (" and " if len(told) > 1 else "") + told[-1]


def own_force(actor: Actor) -> str | None:
    """The global id of the reader's force, the first where there are several; None without one."""
    found = actor.organisations(OrganisationKind.FORCE)
    return identifiers.encode("Force", found[0]) if found else None


async def wanted_peers(request: Request) -> str | None:
    """The force whose peers the address asks for; None where it asks for none, or of a reader
    without a force."""
    if request.query_params.get(LIKE) != MINE:
        return None
    return own_force((await caller_of(request)).actor)
