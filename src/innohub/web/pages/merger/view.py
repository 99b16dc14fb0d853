"""An operator looks at what a merger would move, and what is in its way, before it is done."""

from typing import Any

from starlette.requests import Request

from innohub.errors import NotFound
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.succession import service
from innohub.market.succession.commands import MergeOrganisation
from innohub.market.working_days import london_date
from innohub.web.page import Data, Page, step
from innohub.web.reading import Document, global_id, read

TYPES = ("Force", "Supplier")
SUCCESSOR = Document(
    "query Successor($slug: String!) { force(slug: $slug) { id name slug }"
    " supplier(slug: $slug) { id name slug } }",
    "successor",
)
PREVIEW = Document(
    "query Preview($input: PreviewMergerInput!) { mergerPreview(input: $input)"
    " { moves { what count } obstacles { message } } }",
    "merger_preview",
)


def variables(request: Request) -> Data:
    return {"ids": [global_id(kind, request.path_params["number"]) for kind in TYPES]}


async def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    actor.require(Permission.ORGANISATION_MANAGE)
    organisation = next((one for one in data["nodes"] if one), None)
    if organisation is None:
        raise NotFound("This organisation does not exist.")
    into = request.query_params.get("into", "").strip()
    named = await read(request, SUCCESSOR, {"slug": into}) if into else {}
    successor = named.get("supplier") or named.get("force")
    return {
        "organisation": organisation,
        "supplier": organisation["__typename"] == "Supplier",
        "number": request.path_params["number"],
        "into": into,
        "successor": successor,
        "preview": await _preview(request, organisation, successor),
        "today": london_date(request.app.state.database.clock()).isoformat(),
    }


async def _preview(request: Request, organisation: Data, successor: Data | None) -> Data | None:
    if successor is None:
        return None
    asked = {"organisationId": organisation["id"], "successorId": successor["id"]}
    found: Data = (await read(request, PREVIEW, {"input": asked}))["mergerPreview"]
    return found


PAGE = Page(
    "merger",
    "/organisations/{number:int}/merge",
    variables=variables,
    context=context,
    actions={
        "merge": step(
            MergeOrganisation,
            service.merge_organisation,
            done=lambda one: f"{one.name} has a successor, and its people are there.",
            then=lambda _, one: f"/organisations/{one.id}",
        ),
    },
    signed_in=True,
)
