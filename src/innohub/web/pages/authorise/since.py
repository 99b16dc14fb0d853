"""When an authorization request came to us first, carried through the sign-in page and back.

`prompt=login` is done once the person signed in after that. The mark is ours, signed for this
request alone: a client cannot claim an earlier moment.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from starlette.requests import Request

NAME = "since"
LONGEST = timedelta(hours=1)


def stripped(query: str) -> str:
    """The query string as the client wrote it."""
    asked, mark, _ = query.rpartition(f"&{NAME}=")
    return asked if mark else query


def read(request: Request) -> datetime | None:
    """The moment of the mark; None without one, or where it is not ours or too old."""
    asked, _, mark = request.url.query.rpartition(f"&{NAME}=")
    moment, _, mac = mark.partition(".")
    if not moment.isascii() or not moment.isdigit() or len(moment) > 12:
        return None
    expected = _mac(request, moment, asked).encode()
    if not hmac.compare_digest(mac.encode("utf-8", "replace"), expected):
        return None
    found = datetime.fromtimestamp(int(moment), UTC)
    now: datetime = request.app.state.database.clock()
    return found if now - found <= LONGEST else None


def by_way_of_sign_in(request: Request, began: datetime) -> str:
    """The address of the sign-in page that leads back to this request."""
    asked = stripped(request.url.query)
    # Rounded up: who signed in within the second before did not do so for this request.
    moment = str(int(began.timestamp()) + 1) if began.microsecond else str(int(began.timestamp()))
    here = f"{request.url.path}?{asked}&{NAME}={moment}.{_mac(request, moment, asked)}"
    return f"/login?next={quote(here, safe='')}"


def _mac(request: Request, moment: str, asked: str) -> str:
    key = hashlib.sha256(
        b"innohub.authorise." + request.app.state.settings.session_secret.encode()
    ).digest()
    message = f"{moment}.{asked}".encode("utf-8", "replace")
    return hmac.new(key, message, hashlib.sha256).hexdigest()
