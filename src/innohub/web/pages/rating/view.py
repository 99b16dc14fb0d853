"""A force rates the technology of its own pilot, in five dimensions, or changes its rating."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.errors import Denied
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.pilots.models import PilotState
from innohub.market.ratings import commands
from innohub.market.ratings import service as ratings
from innohub.market.ratings.loading import page_of
from innohub.market.ratings.models import Rating
from innohub.market.ratings.service import RATEABLE
from innohub.web.page import Data, Page, step
from innohub.web.pages.pilot.standing import Standing
from innohub.web.reading import global_id

STARS = [("1", "1, poor"), ("2", "2"), ("3", "3"), ("4", "4"), ("5", "5, excellent")]


def variables(request: Request) -> Data:
    return {"id": global_id("Pilot", request.path_params["number"])}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    pilot = data["pilot"]
    own = Standing.of(actor, pilot).forces(Permission.RATING_CREATE)
    if not own:
        raise Denied("Only a force that piloted a technology rates it, by its innovation lead.")
    of_pilot = [pilot["force"], *(further["force"] for further in pilot["furtherForces"])]
    mine = [force for force in of_pilot if identifiers.decode(force["id"])[1] in own]
    rated = [rating["force"]["id"] for rating in pilot["ratings"]]
    return {
        "pilot": pilot,
        "mine": [r for r in pilot["ratings"] if r["force"]["id"] in [f["id"] for f in mine]],
        "unrated": [(f["id"], f["name"]) for f in mine if f["id"] not in rated],
        "open": PilotState[pilot["state"]] in RATEABLE,
        "dimensions": data["dimensions"],
        "stars": STARS,
    }


def _to_the_pilot(request: Request, rating: Rating) -> str:
    return f"/pilots/{rating.pilot_id}#ratings"


def _to_the_rating(request: Request, rating: Rating) -> str:
    return page_of(rating)


PAGE = Page(
    "rating",
    "/pilots/{number:int}/rating",
    variables=variables,
    needed=("pilot",),
    context=context,
    actions={
        "rate": step(
            commands.RatePilot,
            ratings.rate,
            then=_to_the_pilot,
            done="Your rating is published, and the technology's average is up to date.",
        ),
        "change": step(
            commands.ChangeRating,
            ratings.change,
            then=_to_the_rating,
            done="Your new rating took the old one's place. The old one stays in the history.",
        ),
    },
    signed_in=True,
)
