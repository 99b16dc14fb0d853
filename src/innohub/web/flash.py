"""One sentence that a redirect carries to the next page, in a cookie of its own."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from starlette.requests import Request
from starlette.responses import Response

from innohub.settings import Settings
from innohub.web.security import cookies

FLASH = "innohub_flash"
SECONDS = 60
LONGEST = 500


def put(response: Response, sentence: str, settings: Settings) -> None:
    text = urlsafe_b64encode(sentence[:LONGEST].encode()).decode().rstrip("=")
    cookies.write(response, FLASH, text, settings, max_age=SECONDS)


def held(request: Request) -> str | None:
    """The sentence for this page, if one came along."""
    text = cookies.read(request, FLASH, request.app.state.settings)
    return urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode() if text else None


def drop(response: Response, settings: Settings) -> None:
    """To be called where it was shown."""
    cookies.drop(response, FLASH, settings)
