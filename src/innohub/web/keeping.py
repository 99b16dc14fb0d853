"""A form that came from somebody who has to sign in first: kept, and shown again when they are
back, whichever way they signed in."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from innohub.db.unit_of_work import Database
from innohub.errors import Conflict
from innohub.identity import kept_forms
from innohub.settings import Settings
from innohub.web import refusals
from innohub.web.authentication import caller_of
from innohub.web.forms import DO, Sent
from innohub.web.proving import without_proof
from innohub.web.security import cookies

KEPT = "innohub_kept"
CARRIED = "kept_"
"""Before the names of a kept form's fields where another form carries them."""


class NotSent(Conflict):
    """A form that is shown again as it was entered. A conflict, so that what somebody else changed
    meanwhile is not written over."""

    code = "not_sent"
    status = 200

    def __init__(self) -> None:
        # Not to the page loaded afresh: what was entered would be gone.
        super().__init__(
            "Your form was not sent, since you had to sign in. Check it and send it.",
            address="#main-content",
        )


async def whose(request: Request) -> int | None:
    """Who was signed in in this browser until lately: strangers have nothing kept."""
    state = request.app.state
    token = cookies.read(request, cookies.SESSION, state.settings)
    if token is None:
        return None
    async with state.database.session() as session:
        return await kept_forms.lately_signed_in(session, token, state.database.clock())


async def to_sign_in(request: Request, sent: Sent) -> Response | None:
    """Keep the form, and send its sender to sign in. None where it cannot be kept."""
    person_id = await whose(request)
    if person_id is None:
        return None
    response = RedirectResponse(refusals.onward("/login", request), 303)
    kept = await keep(request, response, person_id, refusals.here(request), sent)
    return response if kept else None


async def keep(request: Request, response: Response, person_id: int, path: str, sent: Sent) -> bool:
    """Keep the form for its page, and give the browser its token. False for a form with a file, or
    one that is too large."""
    fields: dict[str, list[str]] = {}
    for name, values in without_proof(sent).items():
        if _is_secret(name):
            continue
        fields[name] = [value for value in values if isinstance(value, str)]
        if len(fields[name]) < len(values):
            return False
    database: Database = request.app.state.database
    settings: Settings = request.app.state.settings
    async with database.session() as session, session.begin():
        token = await kept_forms.keep(session, person_id, path, fields, database.clock())
    if token is None:
        return False
    age = int(kept_forms.LASTS.total_seconds())
    cookies.write(response, KEPT, token, settings, max_age=age)
    return True


async def taken(request: Request) -> Sent | None:
    """The form that was kept for this page and this person, once."""
    state = request.app.state
    token = cookies.read(request, KEPT, state.settings)
    if token is None:
        return None
    person_id = (await caller_of(request)).actor.person_id
    if person_id is None:
        return None
    path = refusals.here(request)
    async with state.database.session() as session, session.begin():
        fields = await kept_forms.take(session, token, person_id, path, state.database.clock())
    return None if fields is None else {name: [*values] for name, values in fields.items()}


def carried(sent: Sent) -> Sent:
    """The form within another one that carries it; empty where it carries none."""
    found = {n.removeprefix(CARRIED): v for n, v in sent.items() if n.startswith(CARRIED)}
    return found if found.get(DO) not in (None, ["confirm"]) else {}


def _is_secret(name: str) -> bool:
    return "password" in name or "secret" in name
