"""Both sides of a connection compared: the last run with what differed, and the runs before it."""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from innohub.db import identifiers
from innohub.hub import commands
from innohub.hub import service as hub
from innohub.hub.models import SENDING, ConnectionState
from innohub.hub.reconcile.models import OPEN, Kind, Reconciliation, RunState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.web.forms import Sent
from innohub.web.page import Data, Page, step
from innohub.web.paging import page_of
from innohub.web.reading import global_id

PAGE_SIZE = 20
KINDS: dict[str, tuple[str, str]] = {
    "missing": ("Missing", "Your system does not hold a record that the hub wrote."),
    "stale": ("Older or changed", "Your record is older than what the hub wrote, or was changed."),
    "ahead": ("Newer", "Your record is newer than what the hub remembers. It is taken as it is."),
    "duplicate": ("There twice", "A second record bears the same key."),
    "foreign": ("Foreign", "Your record bears a key that the hub did not write here, or none."),
}
MENDS = {
    "NONE": "Told only",
    "LINED_UP": "Sent again",
    "ADOPTED": "Taken as it stands",
    "RETIRING": "To be retired",
    "RETIRED": "Retired",
}
PHASES = {
    "GATHERING": "The hub reads what your system holds.",
    "COMPARING": "What the hub remembers is compared with it.",
    "UNKNOWN": "What your system holds beside that is looked at.",
    "RETIRING": "Second records of one key are retired.",
}


def variables(request: Request) -> Data:
    kind = _narrowed(request)
    return {
        "id": global_id("Integration", request.path_params["number"]),
        "filter": {"kind": [kind.upper()]} if kind else {},
        **page_of(request, PAGE_SIZE),
    }


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    integration = data["integration"]
    newest = next(iter(integration["newest"]["nodes"]), None)
    manifests = {one.manifest.name: one.manifest for one in request.app.state.hub.registry}
    manifest = manifests.get(integration["connector"])
    supplier_id = identifiers.decode(integration["supplier"]["id"])[1]
    compares = manifest is not None and manifest.compares
    under_way = newest is not None and RunState[newest["state"]] in OPEN
    sends = ConnectionState[integration["state"]] in SENDING
    manages = actor.may(Permission.CONNECTION_MANAGE, supplier_id)
    return {
        "integration": integration,
        "newest": newest,
        "earlier": integration["reconciliations"]["nodes"][1:],
        "under_way": under_way,
        "compares": compares,
        "lists": manifest is not None and manifest.listing is not None,
        "retires": manifest is not None and manifest.retire is not None,
        "may_ask": compares and manages and sends and not under_way,
        "sends": sends,
        "kinds": KINDS,
        "mends": MENDS,
        "phases": PHASES,
        "chosen_kind": _narrowed(request),
    }


def _narrowed(request: Request) -> str:
    kind = request.query_params.get("kind", "")
    return kind if kind in {each.value for each in Kind} else ""


def _told(run: Reconciliation) -> str:
    does = "compares both sides and changes nothing" if run.dry_run else "compares both sides"
    return f"The hub {does}. Load this page again to see how far it is."


async def reconcile(request: Request, sent: Sent) -> Response:
    service = partial(hub.reconcile_connection, hub=request.app.state.hub)
    return await step(commands.ReconcileConnection, service, done=_told)(request, sent)


PAGE = Page(
    "integration_reconcile",
    "/integrations/{number:int}/reconcile",
    variables=variables,
    needed=("integration",),
    context=context,
    actions={"reconcile": reconcile},
    signed_in=True,
)
