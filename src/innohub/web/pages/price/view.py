"""What a technology costs by quantity, for those who may read it; and where its supplier quotes."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.quotes import commands
from innohub.market.quotes import service as quotes
from innohub.market.quotes.pricing import MOST_UNITS
from innohub.web.page import Data, Page, step
from innohub.web.quoting import CHOICES, as_stored

USUAL = 100


def _quantity(request: Request) -> int:
    given = request.query_params.get("quantity", "").replace(",", "").strip()
    usable = given.isascii() and given.isdigit() and len(given) <= 7
    return min(int(given), MOST_UNITS) if usable else USUAL


def variables(request: Request) -> Data:
    return {"slug": request.path_params["slug"], "quantity": _quantity(request)}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    technology = data["technology"]
    _, supplier = identifiers.decode(technology["supplier"]["id"])
    standing = [one for one in technology["quotes"]["nodes"] if one["standalone"] and one["stands"]]
    return {
        "technology": technology,
        "quantity": _quantity(request),
        "standing": standing[0] if standing else None,
        "earlier": [one for one in technology["quotes"]["nodes"] if one not in standing],
        "quotes_it": technology["state"] == "PUBLISHED"
        and actor.may(Permission.QUOTE_WRITE, supplier),
        "choices": CHOICES,
    }


PAGE = Page(
    "price",
    "/technologies/{slug}/price",
    variables=variables,
    needed=("technology",),
    context=context,
    actions={
        "quote": step(
            commands.SubmitQuote,
            quotes.submit,
            prepare=as_stored,
            done="Your quote stands. It takes the place of the one before.",
        ),
        "withdraw": step(commands.WithdrawQuote, quotes.withdraw, done="The quote is withdrawn."),
    },
)
