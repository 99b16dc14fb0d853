"""The pictures and documents of one listing: its supplier adds and removes them, a reviewer takes
down what should not be there."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from innohub.db import identifiers
from innohub.errors import Denied, Invalid, Problem
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
from innohub.market.documents.files import LIMITS, examined
from innohub.market.documents.formats import MIB, TAKEN
from innohub.market.documents.models import DocumentKind
from innohub.market.documents.service import MAX_FILES
from innohub.web import refusals
from innohub.web.authentication import caller_of, signature_of
from innohub.web.documents import LARGEST_BODY
from innohub.web.forms import DO, Sent, Upload, given_in
from innohub.web.page import Data, Page, back, step

MARKINGS = [
    ("official", "OFFICIAL, without a further marking"),
    ("official_sensitive", "OFFICIAL-SENSITIVE, or above"),
]
STORED = "The file is stored. Others see it once it was looked at for viruses."


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
        "markings": MARKINGS,
        "taken": TAKEN,
        "most": MAX_FILES,
        "limits": {kind.value: f"{bytes // MIB} MB" for kind, bytes in LIMITS.items()},
        "picture": DocumentKind.IMAGE,
    }


async def upload(request: Request, sent: Sent) -> Response:
    caller = await caller_of(request)
    caller.actor.require(Permission.LISTING_EDIT)
    file = sent.get("file", [b""])[-1]
    command = _parsed(sent, isinstance(file, Upload))
    assert isinstance(file, Upload)
    found = await examined(file, file.filename)
    async with request.app.state.database.unit_of_work(signature_of(request, caller)) as work:
        await catalogue.upload(work, caller.actor, command, file=found)
    return back(request, refusals.here(request), STORED)


def _parsed(sent: Sent, has_file: bool) -> UploadDocument:
    """Raises Invalid with every problem, that of a missing file first."""
    fields = {name: values for name, values in sent.items() if name not in (DO, "file")}
    problems = [] if has_file else [Problem("Choose a file.", "file")]
    try:
        command = UploadDocument.parse(given_in(fields, UploadDocument))
    except Invalid as error:
        problems += error.problems
    if problems:
        raise Invalid(problems[0].message, problems=problems)
    return command


PAGE = Page(
    "listing_documents",
    "/listings/{slug}/documents",
    variables=variables,
    needed=("technology",),
    context=context,
    signed_in=True,
    largest_body=LARGEST_BODY,
    actions={
        "upload": upload,
        "point": step(PointToDocument, catalogue.point_to, done="The document is named."),
        "remove": step(RemoveDocument, catalogue.remove_document, done="It is removed."),
    },
)
