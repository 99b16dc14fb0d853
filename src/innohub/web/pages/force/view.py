"""One force: what it piloted, what it works with, which forces are like it."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.forces.models import ForceSize
from innohub.market.working_days import london_date
from innohub.web.page import Data, Page
from innohub.web.pages.force_context.view import SIZES
from innohub.web.pages.register.standing import Standing
from innohub.web.pages.savings.words import CLASSES
from innohub.web.paging import page_of
from innohub.web.peers import because

PAGE_SIZE = 20


def variables(request: Request) -> Data:
    return {"slug": request.path_params["slug"], **page_of(request, PAGE_SIZE)}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    force = data["force"]
    labels = {region["value"]: region["label"] for region in data["regions"]}
    sheet = force["context"]
    return {
        "region": labels.get(force["region"], ""),
        "sheet": sheet,
        "size": SIZES[ForceSize[sheet["size"]]] if sheet and sheet["size"] else "",
        "hosting": {place["value"]: place["label"] for place in data["hosting"]},
        # Of networks a reader who may see the sheet gets a list, if an empty one.
        "inside": bool(sheet) and sheet["networks"] is not None,
        "peers": [(peer["force"], because(peer)) for peer in force["peers"]],
        "may_write": actor.may(Permission.CONTEXT_WRITE, identifiers.decode(force["id"])[1]),
        "reporting": Standing.of(force["reporting"]),
        "saved": [(CLASSES[one["savingClass"]][0], one["netPence"]) for one in force["saved"]],
        "today": london_date(request.app.state.database.clock()),
    }


PAGE = Page(
    "force",
    "/forces/{slug}",
    variables=variables,
    needed=("force",),
    context=context,
    named_by="force",
)
