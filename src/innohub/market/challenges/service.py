"""The operations on challenges. Each takes the unit of work, the actor and a command; flushes,
never commits; and leaves its audit entry."""

from innohub.market.challenges.asking import answer, ask
from innohub.market.challenges.ending import close_unmet, mark_answered, start_piloting
from innohub.market.challenges.ending import withdraw as withdraw_challenge
from innohub.market.challenges.following import follow, unfollow
from innohub.market.challenges.loading import held, require_sponsor, sponsors_of
from innohub.market.challenges.merging import agree as agree_to_merger
from innohub.market.challenges.merging import merge
from innohub.market.challenges.merging import propose as propose_merger
from innohub.market.challenges.posting import draft, edit, open_to_forces
from innohub.market.challenges.publishing import move_deadline, publish
from innohub.market.challenges.responding import respond
from innohub.market.challenges.responding import withdraw as withdraw_response
from innohub.market.challenges.sponsoring import cosponsor, leave
from innohub.market.challenges.sponsoring import decline as decline_invitation
from innohub.market.challenges.tending import match_listing, tend, tend_challenges

__all__ = [
    "agree_to_merger",
    "answer",
    "ask",
    "close_unmet",
    "cosponsor",
    "decline_invitation",
    "draft",
    "edit",
    "follow",
    "held",
    "leave",
    "mark_answered",
    "match_listing",
    "merge",
    "move_deadline",
    "open_to_forces",
    "propose_merger",
    "publish",
    "require_sponsor",
    "respond",
    "sponsors_of",
    "start_piloting",
    "tend",
    "tend_challenges",
    "unfollow",
    "withdraw_challenge",
    "withdraw_response",
]
