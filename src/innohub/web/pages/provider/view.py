"""How an organisation's people sign in: its own identity provider, and whether passwords do."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from innohub.db import identifiers
from innohub.errors import Invalid, NotFound, NotSignedIn
from innohub.graphql.types.viewer import KINDS
from innohub.identity.actor import Actor
from innohub.identity.directory import KIND_OF
from innohub.identity.models import Organisation
from innohub.identity.permissions import Permission
from innohub.identity.providers import setting_up
from innohub.identity.providers.commands import SetUpProvider
from innohub.identity.step_up import require_recent_proof
from innohub.web.authentication import caller_of, signature_of
from innohub.web.forms import DO, Sent, given_in
from innohub.web.organisation_sign_in import callback_of
from innohub.web.page import Data, Page, back
from innohub.web.refusals import here
from innohub.web.rendering import render

SHAPES = ("groups", "roles", "realm_access.roles")
"""Of Okta and Entra ID, of Entra ID's app roles, of Keycloak's realm roles."""


async def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    actor.require(Permission.ORGANISATION_MANAGE)
    # A secret is entered here: asked before it is, it need not be carried through another page.
    require_recent_proof(actor, request.app.state.database.clock())
    return await _shown(request)


async def _shown(request: Request) -> dict[str, Any]:
    async with request.app.state.database.session() as session:
        organisation = await session.get(Organisation, int(request.path_params["number"]))
        if organisation is None:
            raise NotFound("This organisation does not exist.")
        found = await setting_up.as_set_up(session, organisation.id)
    provider = found.provider if found else None
    return {
        "organisation": organisation,
        "provider": provider,
        "domains": "\n".join(found.domains) if found else "",
        "groups": "\n".join(f"{one.name} = {one.role}" for one in found.groups) if found else "",
        "acr_values": "\n".join(provider.acr_values) if provider else "",
        "callback": callback_of(request, provider.id) if provider and provider.id else None,
        "roles": [role.value for role, kind in KIND_OF.items() if kind == organisation.kind],
        "shapes": SHAPES,
        "checks": None,
    }


async def save(request: Request, sent: Sent) -> Response:
    caller = await caller_of(request)
    if not caller.actor.signed_in:
        raise NotSignedIn("Sign in to do this.")
    given = given_in({name: v for name, v in sent.items() if name != DO}, SetUpProvider)
    command = SetUpProvider.parse(await _prepared(request, given))
    state = request.app.state
    async with state.database.unit_of_work(signature_of(request, caller)) as work:
        await setting_up.set_up(work, caller.actor, command, vault=state.hub.vault)
    return back(request, here(request), "How this organisation’s people sign in is stored.")


async def _prepared(request: Request, given: dict[str, Any]) -> dict[str, Any]:
    """The form asks for groups on lines, `name = role`; a box that is not ticked sends nothing."""
    number = int(request.path_params["number"])
    async with request.app.state.database.session() as session:
        organisation = await session.get(Organisation, number)
    if organisation is None:
        raise NotFound("This organisation does not exist.")
    lines = [line for text in given.get("groups", []) for line in text.splitlines()]
    pairs = [line.rpartition("=") for line in lines if line.strip()]
    roles = {role.value for role, held_in in KIND_OF.items() if held_in == organisation.kind}
    for name, _, role in pairs:
        if not name.strip() or role.strip() not in roles:
            raise Invalid(f"{role.strip()} is no role of this organisation.", field="groups")
    ticked = {name: given.get(name) == "yes" for name in ("enabled", "passwords_allowed")}
    kind = KINDS.get(organisation.kind, "Body")
    return {
        **given,
        **ticked,
        "organisation_id": identifiers.encode(kind, number),
        "groups": [{"name": name.strip(), "role": role.strip()} for name, _, role in pairs],
    }


async def test(request: Request, sent: Sent) -> Response:
    """Ask the provider, and say on the page what it answers."""
    actor = (await caller_of(request)).actor
    actor.require(Permission.ORGANISATION_MANAGE)
    shown = await _shown(request)
    if shown["provider"] is None:
        raise NotFound("No provider is set up yet.")
    state = request.app.state
    shown["checks"] = await setting_up.tried(
        state.providers, shown["provider"], state.database.clock()
    )
    return render(request, PAGE.template, actor, {"data": {}, **shown})


PAGE = Page(
    "provider",
    "/organisations/{number:int}/sign-in",
    context=context,
    actions={"save": save, "test": test},
    signed_in=True,
)
