"""One supplier, and the technologies it lists."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.board import service as board
from innohub.market.board.gating import commands
from innohub.market.working_days import london_date
from innohub.web.page import Data, Page, step
from innohub.web.pages.register.standing import Standing
from innohub.web.paging import page_of

PAGE_SIZE = 20


def variables(request: Request) -> Data:
    return {"slug": request.path_params["slug"], **page_of(request, PAGE_SIZE)}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    today = london_date(request.app.state.database.clock()).isoformat()
    debarments = data["supplier"]["debarments"]["nodes"]
    return {
        "reporting": Standing.of(data["supplier"]["reporting"]),
        "debarments": [(one, _standing(one, today)) for one in debarments],
        "debars": actor.may(Permission.SUPPLIER_DEBAR),
        "today": today,
    }


def _standing(debarment: Data, today: str) -> str:
    """ "now", "later" or "over": ISO dates compare as they follow each other."""
    if debarment["liftedAt"] or (debarment["untilOn"] or today) < today:
        return "over"
    return "later" if debarment["fromOn"] > today else "now"


PAGE = Page(
    "supplier",
    "/suppliers/{slug}",
    variables=variables,
    needed=("supplier",),
    named_by="supplier",
    context=context,
    actions={
        "debar": step(
            commands.DebarSupplier,
            board.debar_supplier,
            done="The debarment is recorded. Nothing of this supplier can be shortlisted.",
        ),
        "lift": step(commands.LiftDebarment, board.lift_debarment, done="The debarment is lifted."),
    },
)
