"""Connecting a system: the connector's own settings and secrets as fields. The signing secret is in
the answer to the form and nowhere else."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.errors import NotFound, NotSignedIn
from innohub.hub import service as hub_service
from innohub.hub.commands import CreateConnection
from innohub.hub.contract import Manifest
from innohub.hub.models import PoisonPolicy
from innohub.hub.wiring import Hub
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.web.authentication import caller_of, signature_of
from innohub.web.forms import DO, Sent, given_in
from innohub.web.page import Data, Page
from innohub.web.pages.new_integration.subscription import families
from innohub.web.rendering import render

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
    manifests = [connector.manifest for connector in request.app.state.hub.registry]
    return {
        "manifests": manifests,
        "chosen": _chosen(request, manifests),
        "suppliers": [(one["id"], one["name"]) for one in data["suppliers"] if one],
        "families": families(),
        "policies": POLICIES,
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
    given = given_in({n: v for n, v in sent.items() if n != DO}, CreateConnection)
    command = CreateConnection.parse(given)
    database: Database = request.app.state.database
    hub: Hub = request.app.state.hub
    async with database.unit_of_work(signature_of(request, caller)) as work:
        made = await hub_service.create_connection(work, caller.actor, command, hub=hub)
        shown = {"number": made.connection.id, "name": made.connection.name}
    return render(
        request,
        "pages/new_integration/created.html",
        caller.actor,
        {**shown, "signing_secret": made.signing_secret},
    )


PAGE = Page(
    "new_integration",
    "/integrations/new",
    variables=variables,
    context=context,
    actions={"create": create},
    signed_in=True,
)
