"""The viewer's password: given another."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from innohub.errors import NotSignedIn
from innohub.identity.actor import Actor
from innohub.identity.models import Person
from innohub.identity.providers.choosing import require_own_means_allowed
from innohub.identity.step_up import StepUpRequired, require_recent_proof
from innohub.mail.transport import told_from
from innohub.personal.passwords import ChangePassword, change_password, chosen
from innohub.web.authentication import caller_of, signature_of
from innohub.web.confirming import ADDRESS
from innohub.web.forms import DO, Sent, given_in
from innohub.web.page import Data, Page, back
from innohub.web.proving import judge_of
from innohub.web.refusals import onward


async def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    database = request.app.state.database
    # Asked before a password is entered: it is never carried through another page.
    require_recent_proof(actor, database.clock())
    async with database.session() as session:
        person = await session.get_one(Person, actor.person_id)
        await require_own_means_allowed(session, person.id)
    return {"has_one": person.password_hash is not None}


async def change(request: Request, sent: Sent) -> Response:
    caller = await caller_of(request)
    if not caller.actor.signed_in:
        raise NotSignedIn("Sign in to do this.")
    given = given_in({name: v for name, v in sent.items() if name != DO}, ChangePassword)
    command = ChangePassword.parse(given)
    state = request.app.state
    try:
        new = await chosen(judge_of(request), caller.actor, command)
    except StepUpRequired:
        return RedirectResponse(onward(ADDRESS, request), 303)
    async with state.database.unit_of_work(signature_of(request, caller)) as work:
        await change_password(work, caller.actor, new, base_url=told_from(state.settings))
    return back(
        request, "/account", "Your password is changed, and every other browser is signed out."
    )


PAGE = Page(
    "account_password",
    "/account/password",
    context=context,
    actions={"change": change},
    signed_in=True,
)
