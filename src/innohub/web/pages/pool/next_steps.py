"""What a pool waits for, and what its reader can do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.demand.models import BUYING, POOL
from innohub.market.demand.models import PoolState as S
from innohub.web.wording import day

WAITS = {
    S.COLLECTING: "Forces say what they would buy. Once two have, the company asks suppliers to "
    "quote.",
    S.QUOTING: "Suppliers quote until {quotes}. Then forces see their price and commit.",
    S.COMMITTING: "Forces commit until {commit}. Then the company proposes an award, and each "
    "force with a binding quantity agrees.",
    S.AWARDED: "Forces call off what they have committed to, until {until}.",
    S.CALLING_OFF: "Forces call off what they have committed to, until {until}.",
}
FIRM = ("budget_approved", "binding")


@dataclass(frozen=True)
class Doors:
    """Which steps the page offers. Each is checked again when it is taken."""

    asks: bool
    starts: bool
    proposes: bool
    awards: bool
    fails: bool
    quotes: bool
    commits: bool
    withdraws: bool
    agrees: bool
    joins: bool
    calls_off: bool

    @property
    def any(self) -> bool:
        return any(vars(self).values())


def waiting(pool: Mapping[str, Any]) -> str | None:
    """The sentence under "What happens next"; None where nothing does."""
    words = WAITS.get(S[pool["state"]])
    award = pool["award"] or {}
    return words and words.format(
        quotes=day(pool["quotesBy"]),
        commit=day(pool["commitBy"]),
        until=day(award.get("callOffUntil")),
    )


def doors(pool: Mapping[str, Any], actor: Actor, today: date) -> Doors:
    state, award = S[pool["state"]], pool["award"]
    runs, buys = actor.may(Permission.POOL_RUN), actor.may(Permission.POOL_COMMIT)
    over = bool(pool["commitBy"]) and date.fromisoformat(pool["commitBy"]) < today
    window = state in {S.COLLECTING, S.QUOTING} or (state is S.COMMITTING and not over)
    shares = award["shares"] if award else []
    agreed = bool(shares) and all(one["agreedAt"] for one in shares)
    mine = [one for one in pool["commitments"] if one["mine"]]
    owing = [part for offer in pool["offers"] for part in offer["parts"] if part["mine"]]
    left = any(part["quantity"] > part["calledOff"] for part in owing)
    late = bool(award and award["quote"] and award["quote"]["openToLateJoiners"])
    return Doors(
        asks=runs and POOL.allows("ask_for_quotes", state),
        starts=runs and POOL.allows("start_committing", state) and pool["quoteCount"] > 0,
        proposes=runs and state is S.COMMITTING and pool["bindingQuantity"] > 0,
        awards=runs and state is S.COMMITTING and agreed,
        fails=runs and state is S.COMMITTING and over,
        quotes=state is S.QUOTING
        and actor.may(Permission.QUOTE_WRITE)
        and any(one["mine"] for one in pool["invitations"]),
        commits=buys and window,
        withdraws=buys and window and bool(mine),
        agrees=buys
        and state is S.COMMITTING
        and any(one["mine"] and not one["agreedAt"] for one in shares),
        joins=buys and state in BUYING and late,
        calls_off=buys and state in BUYING and left,
    )


def strengths(state: str) -> list[tuple[str, str]]:
    """How firmly a force may commit now, the firmest first."""
    given = [
        ("binding", "Binding: we will buy this much"),
        ("budget_approved", "Approved in our budget"),
        ("conditional_on_pilot", "If a pilot shows that it works"),
        ("indicative_quantity", "Likely, without approval yet"),
        ("interested", "Interested, without a quantity yet"),
    ]
    return given if S[state] is S.COMMITTING else [one for one in given if one[0] not in FIRM]
