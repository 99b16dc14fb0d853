"""The due-diligence pack of a technology, as a PDF to print or to keep.

It goes from hand to hand, so it holds what anybody may read, whoever asks for it.
"""

from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from innohub.errors import InnoHubError, NotFound
from innohub.identity.actor import STRANGER
from innohub.market.working_days import london_date
from innohub.web import refusals
from innohub.web.pack.content import content_of
from innohub.web.reading import Document, read_as

DOCUMENT = Document(
    files("innohub.web.pack").joinpath("pack.graphql").read_text(), "pack/pack.graphql"
)


async def respond(request: Request) -> Response:
    try:
        return await _pack(request)
    except InnoHubError as error:
        return await refusals.refuse(request, error)


async def _pack(request: Request) -> Response:
    state = request.app.state
    wanted = {"slug": request.path_params["slug"]}
    data = await read_as(request, STRANGER, DOCUMENT, wanted)
    if data["technology"] is None:
        raise NotFound("This technology does not exist.")
    today = london_date(state.database.clock())
    printed = await state.press.print(content_of(data, today, state.settings.base_url))
    name = f"{data['technology']['slug']}-due-diligence-{today}.pdf"
    headers = {
        "Cache-Control": "public, no-cache",
        "ETag": f'"{printed.fingerprint}"',
        "Content-Disposition": f'inline; filename="{name}"',
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(printed.pdf, media_type="application/pdf", headers=headers)


ROUTE = Route("/technologies/{slug}/due-diligence.pdf", respond, name="due_diligence")
