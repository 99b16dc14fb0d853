"""Calendars as programs fetch them: a person's own by a secret address, and one pilot's."""

from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from innohub.errors import NotFound
from innohub.identity.feeds import Reader, reader_of
from innohub.identity.models import OrganisationKind
from innohub.web import refusals
from innohub.web.ical import MEDIA_TYPE, calendar_of
from innohub.web.reading import Document, global_id, read, read_as

FOLDER = files("innohub.web.pages.calendar")
FEED, ONE = (
    Document(FOLDER.joinpath(name).read_text(), f"calendar/{name}")
    for name in ("feed.graphql", "one.graphql")
)
DOCUMENTS = (FEED, ONE)
MOST_PAGES = 10
"""Of fifty pilots each: a calendar of more is of use to nobody."""
FILTERS = {OrganisationKind.FORCE: "takingPart", OrganisationKind.SUPPLIER: "supplier"}


async def feed(request: Request) -> Response:
    """The dates of the pilots of the address's owner. 404 for an address that does not count."""
    reader = await reader_of(request.app.state.reads, request.path_params["token"])
    if reader is None:
        return await refusals.refuse(request, NotFound("There is nothing at this address."))
    found: dict[int, Any] = {}
    for kind, filter_name in FILTERS.items():
        if slugs := reader.slugs.get(kind):
            for pilot in await _pilots(request, reader, {filter_name: slugs}):
                found[pilot["number"]] = pilot
    return _answer(request, list(found.values()), "InnoHub pilots")


async def one(request: Request) -> Response:
    """The dates of one pilot, as far as its reader sees them, to download."""
    try:
        id = global_id("Pilot", request.path_params["number"])
        pilot = (await read(request, ONE, {"id": id}))["pilot"]
    except NotFound as error:
        return await refusals.refuse(request, error)
    if pilot is None:
        return await refusals.refuse(request, NotFound("This page does not exist."))
    response = _answer(request, [pilot], pilot["title"])
    name = f'attachment; filename="pilot-{pilot["number"]}.ics"'
    response.headers["Content-Disposition"] = name
    return response


async def _pilots(request: Request, reader: Reader, wanted: dict[str, Any]) -> list[Any]:
    pilots: list[Any] = []
    after = None
    for _ in range(MOST_PAGES):
        variables = {"filter": wanted, "after": after}
        page = (await read_as(request, reader.actor, FEED, variables))["pilots"]
        pilots += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    return pilots


def _answer(request: Request, pilots: list[Any], name: str) -> Response:
    state = request.app.state
    body = calendar_of(pilots, state.settings.base_url, state.database.clock(), name)
    return Response(
        body, headers={"Content-Type": MEDIA_TYPE, "Cache-Control": "private, no-store"}
    )


ROUTES = [
    Route("/calendar/{token}.ics", feed, name="calendar_feed"),
    Route("/pilots/{number:int}/calendar.ics", one, name="calendar_of_pilot"),
]
