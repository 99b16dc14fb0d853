"""Connecting a system: the connector's own settings and secrets as fields. The signing secret is in
the answer to the form and nowhere else."""

from typing import Any

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.errors import Invalid, NotFound, NotSignedIn
from innohub.hub import service as hub_service
from innohub.hub.commands import CreateConnection
from innohub.hub.configuration import checked_config, checked_secrets
from innohub.hub.connectors.manifest import Manifest
from innohub.hub.models import ConnectionState, PoisonPolicy
from innohub.hub.wiring import Hub
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.web.authentication import caller_of, signature_of
from innohub.web.forms import DO, Sent, given_in
from innohub.web.page import Data, Page
from innohub.web.pages.new_integration.subscription import families
from innohub.web.rendering import render

NEWEST = [("false", "Send each, in their order"), ("true", "Send only the newest")]
POLICIES = [
    {
        "value": PoisonPolicy.BLOCK.value,
        "label": "Hold the events behind it until you replay it",
        "help": "Nothing of a pilot ever arrives out of order.",
    },
    {
        "value": PoisonPolicy.SKIP_AFTER_N.value,
        "label": "Skip it and go on",
        "help": "The one given up stays in the log, to be replayed later.",
    },
]
"""What becomes of the events behind one that was given up."""


async def variables(request: Request) -> Data:
    actor = (await caller_of(request)).actor
    actor.require(Permission.CONNECTION_MANAGE)
    ids = actor.with_permission(Permission.CONNECTION_MANAGE)
    return {"suppliers": [identifiers.encode("Supplier", id) for id in ids]}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    shipped = [connector.manifest for connector in request.app.state.hub.registry]
    manifests = sorted(shipped, key=lambda manifest: manifest.title.casefold())
    return {
        "manifests": manifests,
        "chosen": _chosen(request, manifests),
        "suppliers": [(one["id"], one["name"]) for one in data["suppliers"] if one],
        "families": families(),
        "policies": POLICIES,
        "newest": NEWEST,
        "redirect_uri": request.app.state.hub.redirect_uri,
    }


def _chosen(request: Request, manifests: list[Manifest]) -> Manifest | None:
    """The connector that the address names; the only one, where there is no choice.

    Raises NotFound for one that this hub does not have.
    """
    name = request.query_params.get("connector")
    if name is None:
        return manifests[0] if len(manifests) == 1 else None
    found = next((manifest for manifest in manifests if manifest.name == name), None)
    if found is None:
        raise NotFound("There is no such connector.")
    return found


async def create(request: Request, sent: Sent) -> Response:
    """Make the connection, and show its signing secret at once: it is stored sealed, and neither
    an address nor a cookie may carry it."""
    caller = await caller_of(request)
    if not caller.actor.signed_in:
        raise NotSignedIn("Sign in to do this.")
    database: Database = request.app.state.database
    hub: Hub = request.app.state.hub
    given = given_in({n: v for n, v in sent.items() if n != DO}, CreateConnection)
    command = _judged(given, hub)
    async with database.unit_of_work(signature_of(request, caller)) as work:
        made = await hub_service.create_connection(work, caller.actor, command, hub=hub)
        shown = {
            "number": made.connection.id,
            "name": made.connection.name,
            "signed": hub.registry.get(command.connector).manifest.signature is not None,
            "to_authorise": made.connection.state is ConnectionState.AUTHORISING,
        }
    return render(
        request,
        "pages/new_integration/created.html",
        caller.actor,
        {**shown, "signing_secret": made.signing_secret},
    )


def _judged(given: dict[str, Any], hub: Hub) -> CreateConnection:
    """The command. Raises Invalid with what is wrong with any field, the connector's own included:
    people want to hear it in one go."""
    try:
        return CreateConnection.parse(given)
    except Invalid as error:
        problems = list(error.problems)
    manifest = hub.registry.get(str(given.get("connector"))).manifest
    config = {name: str(value) for name, value in dict(given.get("config") or {}).items()}
    secrets = {n: SecretStr(str(v)) for n, v in dict(given.get("secrets") or {}).items()}
    try:
        checked_config(manifest, config, allow_loopback=hub.allow_loopback)
    except Invalid as error:
        problems += error.problems
    try:
        checked_secrets(manifest, secrets, all_of_them=True)
    except Invalid as error:
        problems += error.problems
    raise Invalid(problems[0].message, field=problems[0].field, problems=problems)


PAGE = Page(
    "new_integration",
    "/integrations/new",
    variables=variables,
    context=context,
    actions={"create": create},
    signed_in=True,
)
