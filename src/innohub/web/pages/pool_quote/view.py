"""A supplier quotes in a pool, in the unit, interval and term that the pool sets."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.demand import commands
from innohub.market.demand import service as demand
from innohub.web.authentication import caller_of
from innohub.web.page import Data, Page, step
from innohub.web.quoting import CHOICES, as_stored
from innohub.web.reading import global_id


async def variables(request: Request) -> Data:
    (await caller_of(request)).actor.require(Permission.QUOTE_WRITE)
    return {"id": global_id("Pool", request.path_params["number"])}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    pool = data["pool"]
    own = [one["technology"] for one in pool["invitations"] if one["mine"] and one["technology"]]
    return {
        "pool": pool,
        "listings": [(one["id"], one["name"]) for one in own],
        "open": pool["state"] == "QUOTING",
        "own": [one["quote"] for one in pool["offers"] if one["quote"] and one["quote"]["mine"]],
        "bands": bands(pool["minimumQuantity"], pool["wantedQuantity"]),
        "hidden": {
            "pool_id": pool["id"],
            "unit": pool["unit"].lower(),
            "interval": pool["interval"].lower(),
            "term_months": pool["termMonths"],
        },
        "choices": CHOICES,
    }


def bands(least: int, wanted: int) -> list[int]:
    """Quantities to begin with: the least, then half, three quarters and all of what is wanted."""
    found = [least]
    for share in (2, 3, 4):
        begins = wanted * share // 4
        if begins > found[-1]:
            found.append(begins)
    return found


def _back(request: Request, quote: Any) -> str:
    return f"/pools/{request.path_params['number']}"


PAGE = Page(
    "pool_quote",
    "/pools/{number:int}/quote",
    variables=variables,
    needed=("pool",),
    context=context,
    actions={
        "quote": step(
            commands.QuoteForPool,
            demand.quote,
            prepare=as_stored,
            then=_back,
            done="Your quote is in the pool. You can quote anew until the last day.",
        )
    },
    signed_in=True,
)
