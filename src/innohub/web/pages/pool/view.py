"""One pooled demand room: where it stands, what each force pays, and what can be done now."""

from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request

from innohub.db import identifiers
from innohub.errors import Invalid
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.demand import commands
from innohub.market.demand import service as demand
from innohub.market.demand.routes import NO_CONTRACT
from innohub.market.savings import service as savings
from innohub.market.savings.commands import ReportTransaction
from innohub.market.working_days import london_date
from innohub.web.authentication import caller_of
from innohub.web.page import Data, Page, step
from innohub.web.pages.listings.facts import pence
from innohub.web.pages.pool.next_steps import doors, strengths, waiting
from innohub.web.price_steps import price_steps
from innohub.web.reading import global_id

CREDIT_NOTE = "credit_note"
BOOKS = [("invoice", "An invoice"), (CREDIT_NOTE, "A credit note")]
WATCH = "subscription Watch($id: ID!) { pool(id: $id) { state countedQuantity } }"


async def variables(request: Request) -> Data:
    actor = (await caller_of(request)).actor
    forces = actor.with_permission(Permission.POOL_COMMIT)
    return {
        "id": global_id("Pool", request.path_params["number"]),
        "forces": [identifiers.encode("Force", id) for id in forces],
        "reports": actor.may(Permission.QUOTE_WRITE),
    }


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    pool = data["pool"]
    forces = [(one["id"], one["name"]) for one in data["forces"] if one]
    source = pool["technology"] or (pool["roundItem"] or {}).get("technology")
    listings = [(one["id"], one["name"]) for one in data["listings"]["nodes"]]
    return {
        "pool": pool,
        "doors": doors(pool, actor, london_date(request.app.state.database.clock())),
        "waiting": waiting(pool),
        "offers": [one for one in pool["offers"] if one["quote"]],
        "picture": picture,
        "watch": _watch(pool),
        "forces": forces if len(forces) > 1 else [],
        "source": source,
        "listings": [one for one in listings if source is None or one[0] == source["id"]],
        "strengths": strengths(pool["state"]),
        "routes": [one for one in data["routes"] if one["value"] not in NO_CONTRACT],
        "reports": _reports(pool, actor),
        "reported": data.get("reported", {}).get("nodes", []),
        "books": BOOKS,
        "standing": [one for one in pool["offers"] if one["quote"] and one["quote"]["stands"]],
    }


def _reports(pool: Data, actor: Actor) -> bool:
    """Whether the reader says what the supplier's books show of its call-offs."""
    award = pool["award"] or {}
    quote = award.get("quote") or {}
    return bool(quote.get("mine") and award["awardedAt"] and actor.may(Permission.QUOTE_WRITE))


def picture(offer: Data, quantity: int) -> Markup:
    """The offer's prices by quantity, and where the pool stands."""
    tiers = [(one["fromQuantity"], one["unitPricePence"]) for one in offer["quote"]["tiers"]]
    told = (
        f"Price of a unit by quantity. The pool stands at {quantity:,} units. {offer['sentence']}"
    )
    return price_steps(tiers, quantity, told)


def _watch(pool: Data) -> str:
    """Where a browser hears that there is something new to read."""
    asked = {"query": WATCH, "variables": f'{{"id":"{pool["id"]}"}}'}
    return f"/graphql/stream?{urlencode(asked)}"


def as_stored(given: dict[str, Any]) -> dict[str, Any]:
    """What was paid, in pence."""
    paid = given.get("paid_pence")
    return given | {"paid_pence": pence(paid)} if isinstance(paid, str) and paid else given


def as_booked(given: dict[str, Any]) -> dict[str, Any]:
    """In pence; a credit note is below zero."""
    kind, amount = given.pop("kind", None), given.get("amount_pence")
    if kind is None:
        raise Invalid("Say whether it is an invoice or a credit note.", field="kind")
    if not isinstance(amount, str) or not amount:
        return given
    stored = pence(amount)
    if kind == CREDIT_NOTE and isinstance(stored, int):
        stored = -stored
    return given | {"amount_pence": stored}


PAGE = Page(
    "pool",
    "/pools/{number:int}",
    variables=variables,
    needed=("pool",),
    context=context,
    actions={
        "ask": step(
            commands.AskForQuotes, demand.ask_for_quotes, done="The suppliers are asked to quote."
        ),
        "start": step(
            commands.StartCommitting,
            demand.start_committing,
            done="The window is open. Each force sees its price.",
        ),
        "commit": step(
            commands.CommitToPool, demand.commit, done="Your force’s commitment is in the pool."
        ),
        "withdraw": step(
            commands.WithdrawCommitment,
            demand.withdraw,
            done="Your force’s commitment is withdrawn.",
        ),
        "propose": step(
            commands.ProposeAward,
            demand.propose_award,
            done="The award is proposed. Each force with a binding quantity is asked to agree.",
        ),
        "agree": step(commands.AgreeToAward, demand.agree, done="Your force agrees to the award."),
        "award": step(commands.AwardPool, demand.award_pool, done="The pool is awarded."),
        "fail": step(commands.FailPool, demand.fail, done="The pool is ended without an award."),
        "join": step(
            commands.JoinPoolLate, demand.join_late, done="Your force has joined the pool."
        ),
        "call_off": step(
            commands.CallOffFromPool,
            demand.call_off,
            prepare=as_stored,
            done="The call-off is ordered, and the supplier is told.",
        ),
        "pay": step(
            commands.RecordPricePaid,
            demand.record_price_paid,
            prepare=as_stored,
            done="The price paid is recorded.",
        ),
        "report": step(
            ReportTransaction,
            savings.report,
            prepare=as_booked,
            done="It is reported. The force sees it beside what it recorded as paid.",
        ),
    },
)
