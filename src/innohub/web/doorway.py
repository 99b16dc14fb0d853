"""The one place where it is decided whether a request goes to the market or to the sandbox."""

from contextlib import suppress

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from innohub.web.authentication import shown
from innohub.web.held_keys import TokenRefused
from innohub.web.sandbox import step_in
from innohub.web.userinfo import PATH as USERINFO

REGISTER = ("/oauth/", "/.well-known/")
"""What is registered is the market's: tokens are issued, asked about and ended nowhere else."""


class Doorway:
    """Hands a request with a token of the sandbox the sandbox's parts. For any other, and where the
    token is given later, as on a socket, see `step_in`; what does not fit is refused where the
    caller is looked up."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            path: str = scope["path"]
            if path == USERINFO or not path.startswith(REGISTER):
                await self._look(HTTPConnection(scope))
        await self.app(scope, receive, send)

    async def _look(self, connection: HTTPConnection) -> None:
        given = None
        with suppress(TokenRefused):
            given = shown(connection)
        if given is not None:
            await step_in(connection, given[1])
