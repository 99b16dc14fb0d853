"""The bytes of documents: sent by an organisation's system with a bearer token, fetched by whoever
may.

What is fetched never acts in the hub's name: it is an attachment, its type is not guessed, and it
may run and load nothing.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from innohub.command import Command
from innohub.db import idempotency, identifiers
from innohub.errors import Denied, InnoHubError, Invalid, NotFound, NotSignedIn, TooLarge
from innohub.graphql.idempotency import key_of
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.assurance import service as assurance
from innohub.market.assurance.commands import UploadEvidence
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.attachments import UploadDocument
from innohub.market.documents.files import LARGEST, examined
from innohub.market.documents.formats import MIB
from innohub.market.documents.service import content_of
from innohub.market.pilots.together import service as together
from innohub.market.pilots.together.commands import UploadPilotDocument
from innohub.web.authentication import caller_of, refuse_token, signature_of
from innohub.web.held_keys import TokenRefused
from innohub.web.reading import Document, global_id, read
from innohub.web.security.csrf import media_type

LARGEST_BODY = LARGEST + MIB
TOO_LARGE = f"A file may have {LARGEST // MIB} MB at most."
"""Of a request with a file: some room for its other fields."""
KNOWN = Document(
    """query KnownDocument($id: ID!) { document(id: $id) {
      id number kind state title alternativeText fileName mediaType size sha256 width height url
      isPublic } }""",
    "document",
)
GUARDED = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FIELDS = {
    "revision": "revision",
    "title": "title",
    "alternativeText": "alternative_text",
    "marking": "marking",
}
"""Of the form, as the API writes them, and the command's; one of `PLACES` beside them."""


@dataclass(frozen=True)
class Place:
    """What a file is added to."""

    field: str
    """Of the command: its id."""
    command: type[Command]
    service: Callable[..., Awaitable[Any]]
    permission: Permission


PLACES = {
    "technologyId": Place(
        "technology_id", UploadDocument, catalogue.upload, Permission.LISTING_EDIT
    ),
    "assuranceItemId": Place(
        "item_id", UploadEvidence, assurance.upload_evidence, Permission.ASSURANCE_WRITE
    ),
    "pilotId": Place("pilot_id", UploadPilotDocument, together.upload, Permission.PILOT_FILE),
}
STEP = "upload"
"""The one change of such a request, under its `Idempotency-Key`."""


async def download(request: Request) -> Response:
    """Raises NotFound where the document is invisible, has no bytes, or its address is another's:
    an address stands for the same bytes for ever."""
    id = global_id("Document", request.path_params["number"])
    known = (await read(request, KNOWN, {"id": id}))["document"]
    if known is None or known["url"] != request.url.path:
        raise NotFound("There is no such file.")
    headers = {**GUARDED, **_cached(known)}
    if f'"{known["sha256"]}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    async with request.app.state.database.session() as session:
        body = await content_of(session, known["number"])
    headers["Content-Disposition"] = f'attachment; filename="{known["fileName"]}"'
    return Response(body, headers=headers, media_type=known["mediaType"])


def _cached(known: Any) -> dict[str, str]:
    """What everybody may see is kept by the reader's browser; the rest is asked for again, so that
    it does not outlive the right to see it."""
    kept = "private, max-age=31536000, immutable"
    return {
        "ETag": f'"{known["sha256"]}"',
        "Cache-Control": kept if known["isPublic"] else "private, no-cache",
        "Vary": "Cookie, Authorization",
    }


async def upload(request: Request) -> Response:
    """Add a file to one of `PLACES`, by a form of several parts (`multipart/form-data`)."""
    try:
        return await _uploaded(request)
    except TokenRefused as error:
        return await refuse_token(request, error)
    except InnoHubError as error:
        return _refused(error)
    except HTTPException as error:
        # Starlette's: the form is none, has too many parts, or is too large.
        if error.status_code == 413:
            return _refused(TooLarge(TOO_LARGE, field="file"))
        return _refused(Invalid(f"The form cannot be read. {error.detail}"))


def _refused(error: InnoHubError) -> Response:
    told = [{"field": p.field, "message": p.message} for p in error.problems]
    body = {"code": error.code, "message": error.message, "problems": told}
    return JSONResponse(body, error.status)


async def _uploaded(request: Request) -> Response:
    caller = await caller_of(request)
    if "authorization" not in request.headers:
        # A browser's session is no proof here: this form carries no token of a page.
        raise NotSignedIn("Send an access token as a Bearer.")
    if not any(caller.actor.may(place.permission) for place in PLACES.values()):
        # Before the file is read.
        raise Denied("Your access token does not allow this.")
    document = await _stored(request, caller.actor)
    known = await read(request, KNOWN, {"id": identifiers.encode("Document", document)})
    return JSONResponse(known, 201, {"Location": known["document"]["url"]})


async def _stored(request: Request, actor: Actor) -> int:
    if media_type(request) != "multipart/form-data":
        raise Invalid("Send the file as multipart/form-data.")
    async with request.form(max_files=1, max_fields=20) as form:
        sent = form.get("file")
        if not isinstance(sent, UploadFile) or not sent.filename:
            raise Invalid("Send a file, with its name, in the field file.", field="file")
        if sent.size is not None and sent.size > LARGEST:
            raise TooLarge(TOO_LARGE, field="file")
        place = _place(form.keys())
        given = _given(form, place)
        actor.require(place.permission)
        command = place.command.parse(_typed(given))
        file = await examined(await sent.read(), sent.filename)
    once = key_of(request.headers, actor, [given, file.name, file.sha256])
    database = request.app.state.database
    async with database.unit_of_work(signature_of(request, await caller_of(request))) as work:
        before = await idempotency.claim(work, once, STEP) if once else None
        if before is not None:
            return int(before["id"])
        document = await place.service(work, actor, command, file=file)
        if once:
            await idempotency.keep(work, once, STEP, {"id": document.id})
    return int(document.id)


def _place(names: Collection[str]) -> Place:
    """Raises Invalid unless the form names one place to add the file to."""
    named = [PLACES[name] for name in names if name in PLACES]
    if len(named) != 1:
        raise Invalid(f"Name what the file is added to, by one of: {', '.join(PLACES)}.")
    return named[0]


def _given(form: FormData, place: Place) -> dict[str, Any]:
    """The command's fields. Raises Invalid for any other."""
    fields = {**FIELDS, **{name: one.field for name, one in PLACES.items() if one is place}}
    unknown = sorted(form.keys() - fields.keys() - {"file"})
    if unknown:
        raise Invalid(f"Unknown fields: {', '.join(unknown)}.")
    return {fields[name]: value for name, value in form.items() if name in fields}


def _typed(given: dict[str, Any]) -> dict[str, Any]:
    marking = given.get("marking")
    return {**given, "marking": marking.lower()} if isinstance(marking, str) else given


ROUTES: list[BaseRoute] = [
    Route("/documents", upload, methods=["POST"], name="upload", max_body_size=LARGEST_BODY),
    Route("/documents/{number:int}/{sha256}/{name}", download, name="download"),
]
