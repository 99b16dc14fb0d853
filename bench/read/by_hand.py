"""The yardstick: each query as one statement written by hand, whose value is sent as it comes.

The same Starlette, web server and connections as the hub's, and nothing else: no sign-in, no
limits, no other middleware. Run as a process: `python -m read.by_hand`.
"""

from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from innohub.cli.serve import options
from innohub.db.engine import ReadPool
from innohub.settings import Settings

from .queries import NAMES, statement


def app(settings: Settings) -> Starlette:
    """GET /{query}?p=…&p=…, with the statement's parameters in their order."""
    assert settings.database_url is not None
    reads = ReadPool(settings.database_url, settings)
    statements = {name: statement(name) for name in NAMES}

    async def answer(request: Request) -> Response:
        parameters: list[Any] = [
            int(text) if text.isdigit() else text for text in request.query_params.getlist("p")
        ]
        async with reads.connection() as connection:
            found: str = await connection.fetchval(
                statements[request.path_params["name"]], *parameters
            )
        return Response(found.encode(), media_type="application/json")

    return Starlette(routes=[Route("/{name}", answer)])


if __name__ == "__main__":
    own = Settings()
    uvicorn.run(app(own), **{**options(own), "factory": False})
