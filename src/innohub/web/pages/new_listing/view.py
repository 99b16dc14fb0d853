"""A new listing: its facts. The sections and the assurance follow on its own page."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.commands import DraftTechnology
from innohub.web.page import Data, Page, step
from innohub.web.pages.listings.facts import CHOICES, as_stored


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    actor.require(Permission.LISTING_EDIT)
    return {**CHOICES}


PAGE = Page(
    "new_listing",
    "/listings/new",
    context=context,
    actions={
        "draft": step(
            DraftTechnology,
            catalogue.draft,
            prepare=as_stored,
            then=lambda request, technology: f"/listings/{technology.slug}",
            done="The draft is stored. Write its sections next.",
        )
    },
    signed_in=True,
)
