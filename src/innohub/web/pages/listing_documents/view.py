"""The pictures and documents of one listing: its supplier adds and removes them, a reviewer takes
down what should not be there."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.errors import Denied
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.attachments import (
    OPEN,
    PointToDocument,
    RemoveDocument,
    UploadDocument,
)
from innohub.market.catalogue.models import ListingState
from innohub.web.documents import LARGEST_BODY
from innohub.web.page import Data, Page, step
from innohub.web.uploads import limits, upload


def variables(request: Request) -> Data:
    return {"slug": request.path_params["slug"]}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    technology = data["technology"]
    supplier = identifiers.decode(technology["supplier"]["id"])[1]
    of_supplier = any(seat.organisation_id == supplier for seat in actor.seats)
    reviews = actor.may(Permission.LISTING_REVIEW) and not of_supplier
    if not (of_supplier or reviews):
        raise Denied("These are worked on by the listing’s supplier and by reviewers.")
    is_open = ListingState(technology["state"].lower()) in OPEN
    return {
        "technology": technology,
        "edits": actor.may(Permission.LISTING_EDIT, supplier) and is_open,
        "reviews": reviews,
        **limits(),
    }


PAGE = Page(
    "listing_documents",
    "/listings/{slug}/documents",
    variables=variables,
    needed=("technology",),
    context=context,
    signed_in=True,
    largest_body=LARGEST_BODY,
    actions={
        "upload": upload(UploadDocument, catalogue.upload, Permission.LISTING_EDIT),
        "point": step(PointToDocument, catalogue.point_to, done="The document is named."),
        "remove": step(RemoveDocument, catalogue.remove_document, done="It is removed."),
    },
)
