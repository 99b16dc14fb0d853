"""The mark of a browser in which somebody came in before: it is counted apart from strangers, who
can therefore not lock its owner out. It proves nothing, and lets nobody in."""

import secrets

from starlette.requests import Request
from starlette.responses import Response

from innohub.settings import Settings
from innohub.web.security import cookies

DEVICE = "innohub_device"
SECONDS = 365 * 24 * 3600
MOST = 5
"""People at one shared screen."""


def held(request: Request) -> dict[str, str]:
    """The marks in this browser, by the name of whose they are; the newest last."""
    settings: Settings = request.app.state.settings
    text = cookies.read(request, DEVICE, settings) or ""
    pairs = (pair.partition(".") for pair in text.split("~") if pair)
    return {name: mark for name, _, mark in pairs}


def know(request: Request, response: Response, name: str) -> None:
    """Mark the browser in which they have just come in. A mark is new each time: one that was
    copied, and used up elsewhere, is none of the owner's any more."""
    settings: Settings = request.app.state.settings
    marks = {other: mark for other, mark in held(request).items() if other != name}
    marks[name] = secrets.token_urlsafe(16)
    newest = list(marks.items())[-MOST:]
    text = "~".join(f"{name}.{mark}" for name, mark in newest)
    cookies.write(response, DEVICE, text, settings, max_age=SECONDS)
