"""How events become records over one connection: its fields, what would be sent, its versions."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from innohub.db import identifiers
from innohub.errors import Invalid
from innohub.hub import commands, mapping_changes
from innohub.hub.connectors.manifest import Connector
from innohub.hub.mapping import ConnectionMapping
from innohub.hub.mapping_preview import preview_mapping
from innohub.hub.models import CONNECTION, ConnectionState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.web.authentication import caller_of
from innohub.web.forms import DO, Form, Sent, given_in
from innohub.web.page import Data, Page, step
from innohub.web.pages.delivery.view import indented
from innohub.web.paging import page_of
from innohub.web.reading import global_id
from innohub.web.security.csrf import form_token

PAGE_SIZE = 10
BLANK_ROWS = 3
MOST_ROWS = 100
ONLY_SHOW = "preview"
"""The button that shows what would be sent, and stores nothing."""
Rows = list[dict[str, str]]


def variables(request: Request) -> Data:
    id = global_id("Integration", request.path_params["number"])
    return {
        "id": id,
        "preview": {"connectionId": id, "fields": _sound(_sent_rows(request))},
        **page_of(request, PAGE_SIZE),
    }


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    integration = data["integration"]
    connectors = {one.manifest.name: one for one in request.app.state.hub.registry}
    supplier_id = identifiers.decode(integration["supplier"]["id"])[1]
    own = integration["mapping"]["fields"] if integration["mapping"] else []
    connector = connectors.get(integration["connector"])
    sent = _sent_rows(request)
    return {
        "integration": integration,
        "events": data["mappingPreview"]["events"],
        "rows": _rows(connector, own) if sent is None else _as_sent(connector, sent),
        "unsaved": sent is not None,
        "changes": actor.may(Permission.CONNECTION_MANAGE, supplier_id)
        and ConnectionState[integration["state"]] in _changeable(),
        "versions": integration["mappings"]["nodes"],
        "as_json": indented,
    }


def _rows(connector: Connector | None, own: Sequence[Mapping[str, str]]) -> Rows:
    """The connector's fields as they stand now, then the connection's own, then blank ones."""
    shipped = _shipped(connector)
    given = {entry["name"]: entry["expression"] for entry in own}
    rows = [
        {"name": name, "expression": given.get(name, expression), "shipped": expression}
        for name, expression in shipped.items()
    ]
    rows += [dict(entry) for entry in own if entry["name"] not in shipped]
    blank = min(BLANK_ROWS, max(MOST_ROWS - len(rows), 0))
    return rows + [{"name": "", "expression": ""}] * blank


def _as_sent(connector: Connector | None, sent: Rows) -> Rows:
    shipped = _shipped(connector)
    return [
        row | ({"shipped": shipped[row["name"]]} if row["name"] in shipped else {}) for row in sent
    ]


def _shipped(connector: Connector | None) -> dict[str, str]:
    fields = connector.mapping.fields if connector else {}
    return {name: expression.source for name, expression in fields.items()}


def _changeable() -> frozenset[str]:
    return next(one.sources for one in CONNECTION.transitions if one.verb == "change")


def _sent_rows(request: Request) -> Rows | None:
    """The rows of a form that is shown again; None where the page is asked for."""
    return getattr(request.state, "rows", None)


def _sound(rows: Rows | None) -> Rows | None:
    """The rows, if the preview takes them: of what is too long the form itself tells."""
    if rows is None:
        return None
    try:
        commands.PreviewMapping.parse({"connection_id": 1, "fields": rows})
    except Invalid:
        return None
    return rows


def _rows_in(given: Mapping[str, Any]) -> Rows:
    fields = given.get("fields")
    entries = [one for one in fields if isinstance(one, dict)] if isinstance(fields, list) else []
    return [
        {name: str(one.get(name, "")).strip() for name in ("name", "expression")}
        for one in entries[:MOST_ROWS]
    ]


async def save(request: Request, sent: Sent) -> Response:
    """Add a version, or only show what would be sent with these rows."""
    given = given_in({n: v for n, v in sent.items() if n != DO}, commands.MapConnection)
    request.state.rows = _rows_in(given)
    if sent.pop(ONLY_SHOW, None):
        await _refuse_unsound(request, given)
        return await PAGE.show(request, Form(lambda: form_token(request), sent))
    service = partial(mapping_changes.map_connection, hub=request.app.state.hub)
    return await step(commands.MapConnection, service, done=_told)(request, sent)


async def _refuse_unsound(request: Request, given: Mapping[str, Any]) -> None:
    """Raises Invalid with a problem for each row that cannot be tried, NotFound."""
    wanted = {name: given.get(name) for name in ("connection_id", "fields")}
    command = commands.PreviewMapping.parse(wanted)
    viewer = Viewer((await caller_of(request)).actor)
    async with request.app.state.database.session() as session:
        found = await preview_mapping(session, viewer, command, hub=request.app.state.hub)
    mapping_changes.refuse(found.problems)


def _told(mapping: ConnectionMapping) -> str:
    return f"Version {mapping.version} counts from now on, also for what waits."


PAGE = Page(
    "integration_mapping",
    "/integrations/{number:int}/mapping",
    variables=variables,
    needed=("integration",),
    context=context,
    actions={
        "save": save,
        "restore": step(commands.RestoreMapping, mapping_changes.restore_mapping, done=_told),
    },
    signed_in=True,
)
