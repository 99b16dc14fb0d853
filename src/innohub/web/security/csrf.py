"""Nobody else's page acts in a visitor's name.

Two independent walls: a request that a browser says comes from another site is refused as a whole
(`SameSite`), and every form carries a token that only our own page can have shown
(`form_token`, `checked_form`).
"""

import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import FormData, UploadFile
from starlette.requests import HTTPConnection, Request

from innohub.errors import Denied, Invalid
from innohub.identity.actors import Caller
from innohub.settings import Settings
from innohub.web.security import cookies

FIELD = "csrf_token"
NEW_VISIT = "new_visit"
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


class Forged(Denied):
    """The request may have been made by another site's page."""

    code = "forged"


def form_token(request: HTTPConnection) -> str:
    """The value of a form's hidden field `csrf_token`: new each time, bound to the browser."""
    salt = secrets.token_urlsafe(12)
    return f"{salt}.{_mac(request, browser_binding(request), salt)}"


def browser_binding(request: HTTPConnection) -> str:
    """What ties something to this browser: a secret that it brings with every request.

    A visitor who has no cookie yet is given one with this response, by `SameSite`.
    """
    binding = _binding(request)
    if binding is None:
        state = request.scope.setdefault("state", {})
        binding = state.setdefault(NEW_VISIT, secrets.token_urlsafe(16))
    return binding


def require_form_token(request: HTTPConnection, token: object) -> None:
    """Raise Forged unless `token` was made by `form_token` for this browser."""
    binding = _binding(request)
    salt, _, mac = token.partition(".") if isinstance(token, str) else ("", "", "")
    if binding is None or not hmac.compare_digest(
        mac.encode("utf-8", "replace"), _mac(request, binding, salt).encode()
    ):
        raise Forged("This form is out of date. Go back, load the page again and send it again.")


@asynccontextmanager
async def checked_form(request: Request, *, files: int = 1) -> AsyncIterator[FormData]:
    """The fields of a form that is ours, without its token; its uploads are closed on leaving.

    The only way in which pages read forms. Raises Forged; Invalid for a body that is no form or
    holds a NUL; HTTPException 400 for a malformed one.
    """
    if media_type(request) not in FORMS:
        raise Invalid("Send this form from its page.")
    async with request.form(max_files=files, max_fields=500) as form:
        require_form_token(request, form.get(FIELD))
        given = [(name, value) for name, value in form.multi_items() if name != FIELD]
        for name, value in given:
            text = value.filename or "" if isinstance(value, UploadFile) else value
            if "\0" in name or "\0" in text:
                raise Invalid("Text cannot hold a NUL character.")
        yield FormData(given)


def require_unforgeable_post(request: Request, caller: Caller) -> None:
    """Raise Forged for a POST that a foreign page's form could have made with the cookie alone.

    For GraphQL over POST, which has no token: a browser sends `application/json` to another site
    only after asking it, and the hub never agrees.
    """
    by_cookie = caller.session_id is not None
    if by_cookie and request.method == "POST" and media_type(request) != "application/json":
        raise Forged("With a browser's session, send application/json.")


def media_type(request: HTTPConnection) -> str:
    """The request's media type, without parameters; empty where there is none, or several."""
    given = request.headers.getlist("content-type")
    return given[0].partition(";")[0].strip().lower() if len(given) == 1 else ""


def _binding(request: HTTPConnection) -> str | None:
    """What ties a token to this browser: its session, or its visit."""
    settings: Settings = request.app.state.settings
    session = cookies.read(request, cookies.SESSION, settings)
    return session or cookies.read(request, cookies.VISIT, settings)


def _mac(request: HTTPConnection, binding: str, salt: str) -> str:
    settings: Settings = request.app.state.settings
    key = hashlib.sha256(b"innohub.csrf." + settings.session_secret.encode()).digest()
    message = f"{salt}.{binding}".encode("utf-8", "replace")
    return hmac.new(key, message, hashlib.sha256).hexdigest()
