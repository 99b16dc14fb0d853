"""The viewer's authenticator app: set up, confirmed with a first code, removed."""

from typing import Any

import segno
from starlette.requests import Request
from starlette.responses import Response

from innohub.errors import NotSignedIn
from innohub.identity.actor import Actor
from innohub.identity.models import Person
from innohub.identity.second_factor import apps, recovery
from innohub.identity.second_factor.commands import ConfirmApp, RemoveApp, StartApp
from innohub.identity.second_factor.holders import codes_left, has_app
from innohub.web.authentication import caller_of, signature_of
from innohub.web.forms import DO, Sent, given_in
from innohub.web.page import Data, Page, back, step
from innohub.web.pages.account.view import shown_once

HERE = "/account/app"


async def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    state = request.app.state
    async with state.database.session() as session:
        person = await session.get_one(Person, actor.person_id)
        ready = await has_app(session, person.id)
        pairing = await apps.pairing(session, person, state.hub.vault)
    if pairing is None:
        return {"ready": ready}
    grouped = " ".join(pairing.secret[at : at + 4] for at in range(0, len(pairing.secret), 4))
    return {"ready": ready, "pairing": pairing, "groups": grouped, "qr": _qr(pairing.address)}


def _qr(address: str) -> str:
    """The picture as a `data:` address: it is a secret, and never a file."""
    return segno.make(address, error="m").svg_data_uri(scale=4, border=2, light="#ffffff")


async def start(request: Request, sent: Sent) -> Response:
    caller = await caller_of(request)
    async with request.app.state.database.unit_of_work(signature_of(request, caller)) as work:
        await apps.start(work, caller.actor, StartApp(), vault=request.app.state.hub.vault)
    return back(request, HERE)


async def confirm(request: Request, sent: Sent) -> Response:
    """The first second factor of a person brings recovery codes with it, shown at once."""
    caller = await caller_of(request)
    if not caller.actor.signed_in:
        raise NotSignedIn("Sign in to do this.")
    given = given_in({name: v for name, v in sent.items() if name != DO}, ConfirmApp)
    command = ConfirmApp.parse(given)
    async with request.app.state.database.unit_of_work(signature_of(request, caller)) as work:
        vault = request.app.state.hub.vault
        person = await apps.confirm(work, caller.actor, command, vault=vault)
        first = not await codes_left(work.session, person.id)
        made = await recovery.make(work, person) if first else None
    if made is None:
        return back(request, "/account", "The app is set up.")
    return shown_once(request, caller.actor, made.codes)


PAGE = Page(
    "account_app",
    HERE,
    context=context,
    actions={
        "start": start,
        "confirm": confirm,
        "remove": step(RemoveApp, apps.remove, done="The app is no longer asked for."),
    },
    signed_in=True,
)
