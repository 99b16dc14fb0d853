"""Style sheets, scripts and images: read once, served compressed, cached for a year by content."""

import gzip
import hashlib
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from innohub.errors import InnoHubError

NEEDED = (
    "vendor/govuk-frontend.min.css",
    "vendor/govuk-frontend.min.js",
    "vendor/graphiql.min.css",
    "vendor/graphiql.min.js",
)
FOREVER = "public, max-age=31536000, immutable"
TEXTS = ("text/", "application/javascript", "image/svg")


@dataclass(frozen=True)
class Asset:
    content: bytes
    compressed: bytes | None
    media_type: str
    tag: str
    """The beginning of the content's SHA-256."""


@cache
def all_assets() -> dict[str, Asset]:
    """Every file of `static`, by its path there.

    Raises InnoHubError where the front-end packages were not fetched.
    """
    found = dict(_walk(files("innohub.web").joinpath("static"), ""))
    missing = [name for name in NEEDED if name not in found]
    if missing:
        raise InnoHubError(f"{', '.join(missing)} is missing: run `innohub assets` first.")
    return found


def address(name: str) -> str:
    """Where a page links to; changes with the content. Raises KeyError for a file that is none."""
    return f"/static/{name}?v={all_assets()[name].tag}"


async def serve(request: Request) -> Response:
    asset = all_assets().get(request.path_params["path"])
    if asset is None:
        raise HTTPException(404)
    pinned = request.query_params.get("v") == asset.tag
    headers = {
        "Cache-Control": FOREVER if pinned else "no-cache",
        "ETag": f'"{asset.tag}"',
        "Vary": "Accept-Encoding",
    }
    if asset.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if asset.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.compressed, headers=headers, media_type=asset.media_type)
    return Response(asset.content, headers=headers, media_type=asset.media_type)


async def favicon(request: Request) -> Response:
    """Browsers ask for this address whatever the page says."""
    asset = all_assets()["favicon.svg"]
    return Response(
        asset.content,
        media_type=asset.media_type,
        headers={"Cache-Control": "public, max-age=86400", "ETag": f'"{asset.tag}"'},
    )


def _walk(folder: Traversable, path: str) -> Iterator[tuple[str, Asset]]:
    for entry in folder.iterdir():
        if entry.name.startswith("."):
            continue
        name = f"{path}{entry.name}"
        if entry.is_dir():
            yield from _walk(entry, f"{name}/")
        else:
            yield name, _asset(name, entry.read_bytes())


def _asset(name: str, content: bytes) -> Asset:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    compressed = gzip.compress(content, mtime=0) if kind.startswith(TEXTS) else None
    return Asset(content, compressed, kind, hashlib.sha256(content).hexdigest()[:16])
