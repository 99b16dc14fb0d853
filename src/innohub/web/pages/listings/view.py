"""Where suppliers work on their listings, and reviewers on their queue."""

from datetime import datetime
from typing import Any

from starlette.requests import Request

from innohub.errors import Denied
from innohub.identity.actor import Actor
from innohub.identity.models import OrganisationKind
from innohub.identity.permissions import Permission
from innohub.market.catalogue.parts import LABELS
from innohub.web.authentication import caller_of
from innohub.web.own import own_slugs
from innohub.web.page import Data, Page
from innohub.web.paging import page_of

PAGE_SIZE = 20
WORKERS = (Permission.LISTING_READ, Permission.LISTING_REVIEW, Permission.ASSURANCE_VERIFY)


async def variables(request: Request) -> Data:
    actor = (await caller_of(request)).actor
    own = await own_slugs(request, OrganisationKind.SUPPLIER)
    return {
        "own": own,
        "isSupplier": bool(own),
        "isReviewer": actor.may(Permission.LISTING_REVIEW),
        **page_of(request, PAGE_SIZE),
    }


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    if not any(map(actor.may, WORKERS)):
        raise Denied("Listings are worked on by suppliers and by reviewers of the catalogue.")
    now = request.app.state.database.clock()
    return {
        "queue": _queue(data["queue"]["nodes"], now) if "queue" in data else None,
    }


def _queue(versions: list[Data], now: datetime) -> list[Data]:
    """The versions whose listing may be seen, with what is overdue."""
    return [
        {
            **version,
            "overdue": datetime.fromisoformat(version["reviewDueOn"]) < now,
            "changed_words": ", ".join(LABELS[part] for part in version["changed"]),
        }
        for version in versions
        if version["technology"]
    ]


PAGE = Page("listings", "/listings", variables=variables, context=context, signed_in=True)
