"""The operations on pooled demand. Each takes the unit of work, the actor and a command; flushes,
never commits; and leaves its audit entry."""

from innohub.market.demand.awarding import agree, award_pool, fail, propose_award
from innohub.market.demand.buying import call_off, close, close_pools, join_late, record_price_paid
from innohub.market.demand.committing import commit, withdraw
from innohub.market.demand.loading import only_quote
from innohub.market.demand.opening import ask_for_quotes, open_pool, start_committing
from innohub.market.demand.quoting import quote

__all__ = [
    "agree",
    "ask_for_quotes",
    "award_pool",
    "call_off",
    "close",
    "close_pools",
    "commit",
    "fail",
    "join_late",
    "only_quote",
    "open_pool",
    "propose_award",
    "quote",
    "record_price_paid",
    "start_committing",
    "withdraw",
]
