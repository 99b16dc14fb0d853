"""The viewer's passkeys: added with a script of the browser's, removed without."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from innohub.errors import NotSignedIn
from innohub.identity.actor import Actor
from innohub.identity.models import Person
from innohub.identity.proved import Method
from innohub.identity.second_factor import passkeys, recovery
from innohub.identity.second_factor.challenges import Purpose
from innohub.identity.second_factor.commands import AddPasskey, RemovePasskey
from innohub.identity.second_factor.holders import codes_left
from innohub.identity.sessions import prove_again
from innohub.web.authentication import caller_of, signature_of
from innohub.web.forms import DO, Sent, given_in
from innohub.web.page import Data, Page, back, step
from innohub.web.pages.account.view import shown_once
from innohub.web.proving import challenge_for, party_of
from innohub.web.security.csrf import browser_binding

HERE = "/account/passkeys"


async def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    party = party_of(request)
    if not party.possible:
        return {"asked": None}
    async with request.app.state.database.session() as session:
        person = await session.get_one(Person, actor.person_id)
        held = await passkeys.held_by(session, person.id)
    challenge = challenge_for(request, Purpose.ADD)
    options = passkeys.options_to_add(party, person, held, challenge)
    return {"asked": {"challenge": challenge, "options": options}}


async def add(request: Request, sent: Sent) -> Response:
    """The first second factor of a person brings recovery codes with it, shown at once."""
    caller = await caller_of(request)
    proved = caller.actor.proved
    if proved is None or proved.session_id is None:
        raise NotSignedIn("Sign in to do this.")
    given = given_in({name: v for name, v in sent.items() if name != DO}, AddPasskey)
    command = AddPasskey.parse(given)
    async with request.app.state.database.unit_of_work(signature_of(request, caller)) as work:
        added = await passkeys.add(
            work,
            caller.actor,
            command,
            party=party_of(request),
            browser=browser_binding(request),
        )
        # Whoever has just made the key has just shown it.
        methods = proved.methods | {Method.PASSKEY}
        await prove_again(work.session, proved.session_id, methods, now=work.now)
        person = await work.session.get_one(Person, added.person_id)
        first = not await codes_left(work.session, person.id)
        made = await recovery.make(work, person) if first else None
    if made is None:
        return back(request, HERE, "The passkey is added.")
    return shown_once(request, caller.actor, made.codes)


PAGE = Page(
    "account_passkeys",
    HERE,
    needed=("account",),
    context=context,
    actions={
        "add": add,
        "remove": step(RemovePasskey, passkeys.remove, done="The passkey is removed."),
    },
    signed_in=True,
)
