"""The part-filled ATRS record of a listing with AI, as Markdown to edit and as JSON."""

from importlib.resources import files
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from innohub.errors import InnoHubError, NotFound
from innohub.identity.actor import STRANGER
from innohub.market.working_days import london_date
from innohub.web import refusals
from innohub.web.atrs.record import Known, has_ai, in_markdown, record_of
from innohub.web.downloads import attached
from innohub.web.reading import Document, read_as

DOCUMENT = Document(
    files("innohub.web.atrs").joinpath("atrs.graphql").read_text(), "atrs/atrs.graphql"
)


async def as_json(request: Request) -> Response:
    """404 for a technology that nobody may see, and for one without AI."""
    try:
        slug, record = await _record(request)
    except InnoHubError as error:
        return await refusals.refuse(request, error)
    body = orjson.dumps(record, option=orjson.OPT_INDENT_2)
    return attached(body, f"{slug}-atrs.json", "application/json")


async def as_markdown(request: Request) -> Response:
    """As `as_json`, for people."""
    try:
        slug, record = await _record(request)
    except InnoHubError as error:
        return await refusals.refuse(request, error)
    return attached(in_markdown(record), f"{slug}-atrs.md", "text/markdown; charset=utf-8")


async def _record(request: Request) -> tuple[str, dict[str, Any]]:
    state = request.app.state
    # With a stranger's eyes: the record is made to be published.
    data = await read_as(request, STRANGER, DOCUMENT, {"slug": request.path_params["slug"]})
    technology = data["technology"]
    if technology is None or not has_ai(technology):
        raise NotFound("There is no such listing with artificial intelligence.")
    today = london_date(state.database.clock()).isoformat()
    return technology["slug"], record_of(Known(data, state.settings.base_url), today)


ROUTES = [
    Route("/technologies/{slug}/atrs.json", as_json, name="atrs_json"),
    Route("/technologies/{slug}/atrs.md", as_markdown, name="atrs_markdown"),
]
