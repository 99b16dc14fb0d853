"""The catalogue of events for suppliers' developers, and as a file to take away."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from innohub.hub.event_catalogue import bundle
from innohub.identity.actor import Actor
from innohub.web.page import Data, Page
from innohub.web.pages.delivery.view import indented
from innohub.web.pages.new_integration.subscription import families


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    types = data["eventTypes"]
    of_kind = [
        (kind, [one for one in types if f"{one['family']}.*" == kind.name]) for kind in families()
    ]
    return {
        "families": [(kind, own) for kind, own in of_kind if own],
        "count": len(types),
        "indented": indented,
    }


async def schema(request: Request) -> Response:
    """JSON Schema of all events, one document."""
    return Response(
        orjson.dumps(bundle(), option=orjson.OPT_INDENT_2),
        media_type="application/schema+json",
        headers={"content-disposition": 'attachment; filename="innohub-events.json"'},
    )


FILE = Route("/events.json", schema, name="events_schema")
PAGE = Page("events", "/events", context=context)
