"""Ratings: by forces that piloted, answered once by the supplier, moderated by the company."""

from innohub.market.ratings.giving import RATEABLE, change, rate
from innohub.market.ratings.moderating import hide, reinstate
from innohub.market.ratings.replying import reply

__all__ = ["RATEABLE", "change", "hide", "rate", "reinstate", "reply"]
