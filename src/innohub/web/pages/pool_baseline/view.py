"""A force declares, before the award, what it would pay without the pool."""

from typing import Any

from starlette.requests import Request

from innohub.errors import Denied
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.savings import commands
from innohub.market.savings import service as savings
from innohub.web.page import Data, Page, step
from innohub.web.pages.listings.facts import pence
from innohub.web.pages.savings.words import METHODS
from innohub.web.reading import global_id


def variables(request: Request) -> Data:
    return {"id": global_id("Pool", request.path_params["number"])}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    if not actor.may(Permission.SAVINGS_ENTER):
        raise Denied("A force's commercial people declare its baseline.")
    methods = [(method.lower(), words) for method, words in METHODS.items()]
    return {"pool": data["pool"], "methods": methods}


def in_pence(given: dict[str, Any]) -> dict[str, Any]:
    """The price in pence; what is no sum in pounds stays, for the command to refuse."""
    price = given.get("unit_price_pence")
    return {**given, "unit_price_pence": pence(price) if isinstance(price, str) else price}


PAGE = Page(
    "pool_baseline",
    "/pools/{number:int}/baseline",
    variables=variables,
    needed=("pool",),
    context=context,
    actions={
        "declare": step(
            commands.DeclareBaseline,
            savings.declare,
            prepare=in_pence,
            then=lambda request, baseline: f"/pools/{baseline.pool_id}",
            done="Your baseline is declared. Until the award you may declare it anew.",
        )
    },
    signed_in=True,
)
