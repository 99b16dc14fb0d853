"""`/export.zip`: what the reader's organisation owns, for those who manage its programs."""

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from innohub.graphql.context import Context
from innohub.graphql.export.packing import Export
from innohub.graphql.export.taking import by_its_own
from innohub.graphql.export.writing import zipped
from innohub.web.authentication import caller_of, signature_of
from innohub.web.security import request_id


async def export(request: Request) -> StreamingResponse:
    """A zip that grows as it is sent. Raises NotSignedIn, Denied."""
    state, caller = request.app.state, await caller_of(request)
    signature = signature_of(request, caller)
    owner, actor = await by_its_own(state.database, caller.actor, signature)
    context = Context(actor, state.hub, state.database, state.reads, request_id.of(request.scope))
    headers = {
        "Content-Disposition": f'attachment; filename="{owner.slug}.zip"',
        "Cache-Control": "no-store",
    }
    parts = Export(state.operations, context, owner).parts()
    return StreamingResponse(zipped(parts), media_type="application/zip", headers=headers)


ROUTES = [Route("/export.zip", export, name="export")]
