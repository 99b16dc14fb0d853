"""The board's operations. Each takes the unit of work, the actor and a command; flushes, never
commits; and leaves its audit entry."""

from innohub.market.board.deciding import rank
from innohub.market.board.entries import add_item, remove_item
from innohub.market.board.gating.debarring import debar_supplier, lift_debarment
from innohub.market.board.interests import declare_interest, resolve_interest, start_scoring
from innohub.market.board.moderation.moderating import answer, moderate
from innohub.market.board.planning import cancel, close_entries, open_round, plan_round
from innohub.market.board.publishing import finish, start_standstill
from innohub.market.board.scoring import close_scoring, score

__all__ = [
    "add_item",
    "answer",
    "cancel",
    "close_entries",
    "close_scoring",
    "debar_supplier",
    "declare_interest",
    "finish",
    "lift_debarment",
    "moderate",
    "open_round",
    "plan_round",
    "rank",
    "remove_item",
    "resolve_interest",
    "score",
    "start_scoring",
    "start_standstill",
]
