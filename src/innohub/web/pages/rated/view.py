"""One rating by itself: its words, the reply, what the force said before; and the forms of those
who may answer or moderate it."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.ratings import commands
from innohub.market.ratings import service as ratings
from innohub.web.page import Data, Page, step
from innohub.web.reading import global_id


def variables(request: Request) -> Data:
    return {"id": global_id("Rating", request.path_params["number"])}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    rating = data["rating"]
    supplier = identifiers.decode(rating["technology"]["supplier"]["id"])[1]
    force = identifiers.decode(rating["force"]["id"])[1]
    stands = rating["supersededAt"] is None
    return {
        "rating": rating,
        "may_reply": stands
        and rating["repliedAt"] is None
        and actor.may(Permission.RATING_REPLY, supplier),
        "may_change": stands and actor.may(Permission.RATING_CREATE, force),
        "may_moderate": actor.may(Permission.RATING_MODERATE),
    }


PAGE = Page(
    "rated",
    "/ratings/{number:int}",
    variables=variables,
    needed=("rating",),
    context=context,
    actions={
        "reply": step(
            commands.ReplyToRating,
            ratings.reply,
            done="Your reply is published under the rating.",
        ),
        "hide": step(
            commands.HideWords,
            ratings.hide,
            done="The words are hidden. Both sides are told, and the reason stands in their place.",
        ),
        "reinstate": step(
            commands.ReinstateWords,
            ratings.reinstate,
            done="The words are shown again, and both sides are told.",
        ),
    },
)
