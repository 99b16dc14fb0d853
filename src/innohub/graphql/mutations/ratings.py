"""Ratings: given, changed, answered, moderated."""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.ratings import Rating
from innohub.market.ratings import commands
from innohub.market.ratings import service as ratings


@strawberry.type
class RatingPayload:
    id: strawberry.Private[int]
    rating: Rating | None = stored("id")


@strawberry.type
class RatingMutations:
    rate_pilot = write(ratings.rate, commands.RatePilot, RatingPayload)
    change_rating = write(ratings.change, commands.ChangeRating, RatingPayload)
    reply_to_rating = write(ratings.reply, commands.ReplyToRating, RatingPayload)
    hide_rating_words = write(ratings.hide, commands.HideWords, RatingPayload)
    reinstate_rating_words = write(ratings.reinstate, commands.ReinstateWords, RatingPayload)
