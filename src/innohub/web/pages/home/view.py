"""The front door: what the hub is, what it found out lately, and what waits for the reader."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.identity.actor import Actor
from innohub.identity.models import OrganisationKind
from innohub.identity.permissions import Permission
from innohub.market.catalogue.service import london_date
from innohub.web.authentication import caller_of
from innohub.web.page import Data, Page
from innohub.web.pages.home.waiting import WATCHED, tasks
from innohub.web.reading import Document, read

SEATS = Document(
    "query Seats($ids: [ID!]!) { nodes(ids: $ids) { ... on Organisation { slug } } }", "home/seats"
)


async def variables(request: Request) -> Data:
    actor = (await caller_of(request)).actor
    force = await _slugs(request, actor, OrganisationKind.FORCE, "Force")
    supplier = await _slugs(request, actor, OrganisationKind.SUPPLIER, "Supplier")
    return {
        "asForce": {"force": force, "state": WATCHED["force"]},
        "asSupplier": {"supplier": supplier, "state": WATCHED["supplier"]},
        "isForce": bool(force),
        "isSupplier": bool(supplier),
        "listings": actor.may(Permission.LISTING_REVIEW) or actor.may(Permission.LISTING_EDIT),
    }


async def _slugs(request: Request, actor: Actor, kind: OrganisationKind, name: str) -> list[str]:
    ids = [identifiers.encode(name, id) for id in actor.organisations(kind)]
    if not ids:
        return []
    data = await read(request, SEATS, {"ids": ids})
    return [node["slug"] for node in data["nodes"] if node]


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    return {"tasks": tasks(actor, data, london_date(request.app.state.database.clock()))}


PAGE = Page("home", "/", variables=variables, context=context)
