"""OCDS 1.1 release packages: paged, and cheap to ask for again."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from innohub.errors import InnoHubError, NotFound
from innohub.identity.actor import STRANGER
from innohub.market.open_data.models import ProcessKind
from innohub.web.paging import page_of
from innohub.web.reading import Document, read_as

PAGE_SIZE = 100
LICENCE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
ROOT = "/open-data/ocds"
CURRENT = "public, no-cache"
"""May be kept, and is asked for again by its ETag."""
FOR_GOOD = "public, max-age=31536000, immutable"
_FOLDER = files("innohub.web.pages").joinpath("open_data")
DOCUMENT = Document(_FOLDER.joinpath("packages.graphql").read_text(), "open_data/packages.graphql")
NOTHING = (
    "Nothing is released here yet. The standard has no package without a release: try again later."
)


async def package(request: Request) -> Response:
    """Everything, the oldest first; `?kind=challenge` and the like narrow it."""
    kind = request.query_params.get("kind")
    if kind is not None and kind not in set(ProcessKind):
        return _refused(NotFound(f"The kinds of process are: {', '.join(ProcessKind)}."))
    wanted = {"processKind": [kind.upper()]} if kind else {}
    return await _answered(request, wanted, kept={"kind": kind} if kind else {})


async def process(request: Request) -> Response:
    """All releases of one contracting process."""
    return await _answered(request, {"ocid": request.path_params["ocid"]}, kept={})


async def release(request: Request) -> Response:
    """One release: it is never changed, so it may be kept for good."""
    wanted = {"releaseId": request.path_params["release_id"]}
    return await _answered(request, wanted, kept={}, cached=FOR_GOOD)


async def _answered(
    request: Request,
    wanted: Mapping[str, Any],
    *,
    kept: Mapping[str, str],
    cached: str = CURRENT,
) -> Response:
    try:
        # With a stranger's eyes, whoever asks: the answer may be kept by anybody's cache.
        variables = {"filter": wanted, **page_of(request, PAGE_SIZE)}
        found = (await read_as(request, STRANGER, DOCUMENT, variables))["ocdsReleases"]
        if not found["nodes"]:
            raise NotFound(NOTHING)
    except InnoHubError as error:
        return _refused(error)
    newest = max(datetime.fromisoformat(one["releasedAt"]) for one in found["nodes"])
    body = orjson.dumps(_package(request, found, newest, kept))
    return conditional(request, body, newest, cached)


def _package(
    request: Request, found: Mapping[str, Any], newest: datetime, kept: Mapping[str, str]
) -> dict[str, Any]:
    settings = request.app.state.settings
    here = f"{settings.base_url}{request.url.path}"

    def at(**place: str) -> str:
        query = urlencode({**kept, **place})
        return f"{here}?{query}" if query else here

    asked = {name: request.query_params[name] for name in ("after", "before")
             if name in request.query_params}  # fmt: skip
    return {
        "uri": at(**asked),
        "version": "1.1",
        "publishedDate": newest.isoformat(timespec="seconds"),
        "publisher": {"name": settings.publisher_name, "uri": settings.base_url},
        "license": LICENCE,
        "publicationPolicy": f"{settings.base_url}/open-data",
        "releases": [one["body"] for one in found["nodes"]],
        "links": _links(found["pageInfo"], at),
    }


def _links(page: Mapping[str, Any], at: Callable[..., str]) -> dict[str, str]:
    links = {}
    if page["hasNextPage"]:
        links["next"] = at(after=page["endCursor"])
    if page["hasPreviousPage"]:
        links["prev"] = at(before=page["startCursor"])
    return links


def conditional(request: Request, body: bytes, changed: datetime, cached: str) -> Response:
    """The body, or 304 where the reader has it already (RFC 9110, 13.1: a tag goes before a
    date)."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        "ETag": tag,
        "Last-Modified": format_datetime(changed.astimezone(UTC), usegmt=True),
        "Cache-Control": cached,
        "Access-Control-Allow-Origin": "*",
    }
    if _is_known(request, tag, changed):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _is_known(request: Request, tag: str, changed: datetime) -> bool:
    known = request.headers.get("if-none-match")
    if known is not None:
        tags = {one.strip().removeprefix("W/") for one in known.split(",")}
        return bool(tags & {tag, "*"})
    since = request.headers.get("if-modified-since")
    try:
        return since is not None and changed.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        # A date that is none, or one without a zone: not a condition at all.
        return False


def _refused(error: InnoHubError) -> Response:
    """For programs: no page."""
    body = orjson.dumps({"code": error.code, "message": error.message})
    return Response(body, error.status, media_type="application/json")


ROUTES = [
    Route(f"{ROOT}/", package, name="ocds"),
    Route(f"{ROOT}/processes/{{ocid}}.json", process, name="ocds_process"),
    Route(f"{ROOT}/releases/{{release_id}}.json", release, name="ocds_release"),
]
