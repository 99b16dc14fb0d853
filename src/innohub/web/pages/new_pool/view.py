"""The company opens a room for buying together, from what its address names."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.errors import NotFound
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.demand import commands
from innohub.market.demand import service as demand
from innohub.market.demand.models import Pool
from innohub.web.authentication import caller_of
from innohub.web.page import Data, Page, step
from innohub.web.quoting import CHOICES

FIELDS = {
    "Technology": "technology_id",
    "Challenge": "challenge_id",
    "RoundItem": "round_item_id",
}


def _kind(source: str) -> str:
    """Raises NotFound for what no pool comes of."""
    try:
        kind, _ = identifiers.decode(source)
    except ValueError:
        raise NotFound("There is no such source.") from None
    if kind not in FIELDS:
        raise NotFound("A pool comes of a technology, a challenge or a shortlist.")
    return kind


async def variables(request: Request) -> Data:
    (await caller_of(request)).actor.require(Permission.POOL_RUN)
    source = request.query_params.get("of", "")
    _kind(source)
    return {"source": source}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    source = data["source"]
    about = source.get("technology") or source
    return {
        "field": FIELDS[_kind(source["id"])],
        "source": source,
        "name": about.get("name") or about.get("title"),
        "choices": CHOICES,
    }


def _there(request: Request, pool: Pool) -> str:
    return f"/pools/{pool.id}"


PAGE = Page(
    "new_pool",
    "/pools/new",
    variables=variables,
    needed=("source",),
    context=context,
    actions={
        "open": step(
            commands.OpenPool,
            demand.open_pool,
            then=_there,
            done="The room is open. Every force’s commercial lead is told.",
        )
    },
    signed_in=True,
)
