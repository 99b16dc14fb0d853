"""The operations on pooled demand. Each takes the unit of work, the actor and a command; flushes,
never commits; and leaves its audit entry."""

from innohub.market.demand.awarding import agree, award_pool, fail, propose_award
from innohub.market.demand.budgets import approve_budget, decline_budget
from innohub.market.demand.buying import call_off, close, close_pools, join_late, record_price_paid
from innohub.market.demand.committing import commit, withdraw
from innohub.market.demand.loading import only_quote
from innohub.market.demand.opening import ask_for_quotes, open_pool, start_committing
from innohub.market.demand.quoting import quote

__all__ = [
    "agree",
    "approve_budget",
    "ask_for_quotes",
    "award_pool",
    "call_off",
    "close",
    "close_pools",
    "commit",
    "decline_budget",
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
