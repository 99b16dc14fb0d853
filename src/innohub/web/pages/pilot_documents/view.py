"""The documents of a pilot: what its parties and those who watch over it gave each other."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.pilots.together import commands
from innohub.market.pilots.together import service as together
from innohub.web.documents import LARGEST_BODY
from innohub.web.page import Data, Page, step
from innohub.web.pages.pilot.standing import Standing
from innohub.web.pages.pilot.together import shared
from innohub.web.reading import global_id
from innohub.web.uploads import limits, upload

FILE = Permission.PILOT_FILE


def variables(request: Request) -> Data:
    return {"id": global_id("Pilot", request.path_params["number"])}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    pilot = data["pilot"]
    return {
        **shared(actor, pilot),
        **limits(),
        "adds": _adds(Standing.of(actor, pilot)),
        "takes_down": actor.may(Permission.PILOT_TAKE_DOWN),
        "taken_down": pilot["steps"]["nodes"],
    }


def _adds(who: Standing) -> bool:
    """Whether the reader adds documents, as the service sees it."""
    if who.force_id is None:
        return False
    party = who.in_force(FILE) or who.in_joined(FILE) or who.at_supplier(FILE)
    return bool(party or together.watches(who.actor))


PAGE = Page(
    "pilot_documents",
    "/pilots/{number:int}/documents",
    variables=variables,
    needed=("pilot",),
    context=context,
    signed_in=True,
    largest_body=LARGEST_BODY,
    actions={
        "upload": upload(commands.UploadPilotDocument, together.upload, FILE),
        "point": step(
            commands.PointToPilotDocument, together.point_to, done="The document is named."
        ),
        "take_down": step(
            commands.TakeDownPilotDocument,
            together.take_down,
            done="The document is taken down, and everybody who takes part is told.",
        ),
        "withdraw": step(
            commands.WithdrawPilotDocument, together.withdraw, done="The document is withdrawn."
        ),
    },
)
