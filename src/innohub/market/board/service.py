"""The board's operations. Each takes the unit of work, the actor and a command; flushes, never
commits; and leaves its audit entry."""

from innohub.market.board.deciding import rank
from innohub.market.board.entries import add_item, remove_item
from innohub.market.board.gating.debarring import debar_supplier, lift_debarment
from innohub.market.board.interests import declare_interest, resolve_interest, start_scoring
from innohub.market.board.moderation.moderating import answer, moderate
from innohub.market.board.planning import cancel, close_entries, open_round, plan_round
from innohub.market.board.publishing import finish, finish_due, start_standstill
from innohub.market.board.reviews.reviewing import decide_review, request_review
from innohub.market.board.scoring import close_scoring, score
from innohub.market.board.seats.changing import recuse_member, replace_member

__all__ = [
    "add_item",
    "answer",
    "cancel",
    "close_entries",
    "close_scoring",
    "debar_supplier",
    "decide_review",
    "declare_interest",
    "finish",
    "finish_due",
    "lift_debarment",
    "moderate",
    "open_round",
    "plan_round",
    "rank",
    "recuse_member",
    "remove_item",
    "replace_member",
    "request_review",
    "resolve_interest",
    "score",
    "start_scoring",
    "start_standstill",
]
