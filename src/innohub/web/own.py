"""The organisations that the reader belongs to, by the names that pages and filters use."""

from starlette.requests import Request

from innohub.db import identifiers
from innohub.identity.models import OrganisationKind
from innohub.web.authentication import caller_of
from innohub.web.reading import Document, read

NAMES = {OrganisationKind.FORCE: "Force", OrganisationKind.SUPPLIER: "Supplier"}
SEATS = Document(
    "query Seats($ids: [ID!]!) { nodes(ids: $ids) { ... on Organisation { slug } } }", "seats"
)


async def own_slugs(request: Request, kind: OrganisationKind) -> list[str]:
    """Slugs of the reader's forces, or suppliers; empty for a stranger, without a read."""
    actor = (await caller_of(request)).actor
    ids = [identifiers.encode(NAMES[kind], id) for id in actor.organisations(kind)]
    if not ids:
        return []
    data = await read(request, SEATS, {"ids": ids})
    return [node["slug"] for node in data["nodes"] if node]
