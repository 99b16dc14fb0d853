"""The operations on quotes. Each takes the unit of work, the actor and a command; flushes, never
commits; and leaves its audit entry."""

from innohub.market.quotes.loading import schedules_of
from innohub.market.quotes.standing import priced_versions, whole_life, whole_life_cost_pence
from innohub.market.quotes.submitting import own_published, place, submit, withdraw

__all__ = [
    "own_published",
    "place",
    "priced_versions",
    "schedules_of",
    "submit",
    "whole_life",
    "whole_life_cost_pence",
    "withdraw",
]
