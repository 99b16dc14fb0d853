"""The tasks of a pilot: what each party is to do, by when, and what is done."""

from datetime import timedelta
from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.market.pilots.together import commands
from innohub.market.pilots.together import service as together
from innohub.market.pilots.together.models import PilotSide
from innohub.market.working_days import london_date
from innohub.web.page import Data, Page, step
from innohub.web.pages.pilot.together import PartyShown, shared
from innohub.web.reading import global_id

WEEK = timedelta(days=7)


def variables(request: Request) -> Data:
    return {"id": global_id("Pilot", request.path_params["number"])}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    pilot = data["pilot"]
    today = london_date(request.app.state.database.clock())
    found = shared(actor, pilot)
    own = found["own"]
    return {
        **found,
        "is_own": lambda task: any(party.is_of(task) for party in own),
        "givers": [(_choice(party), party.name) for party in found["parties"]],
        "own_giver": _choice(own[0]) if own else "",
        "waiting": [task for task in pilot["tasks"]["nodes"] if task["state"] != "DONE"],
        "finished": [task for task in pilot["tasks"]["nodes"] if task["state"] == "DONE"],
        "people": [(person["id"], person["name"]) for person in pilot["colleagues"]["nodes"]],
        "today": today.isoformat(),
        "next_week": (today + WEEK).isoformat(),
    }


def _choice(party: PartyShown) -> str:
    """The side, and of several forces which: "force Rm9yY2U6MQ"."""
    return f"{party.side.value} {party.id}" if party.side is PilotSide.FORCE else party.side.value


def of_a_party(given: dict[str, Any]) -> dict[str, Any]:
    """The form's one choice as the command's two fields."""
    side, _, force_id = str(given.get("side", "")).partition(" ")
    return {**given, "side": side, **({"force_id": force_id} if force_id else {})}


PAGE = Page(
    "pilot_tasks",
    "/pilots/{number:int}/tasks",
    variables=variables,
    needed=("pilot",),
    context=context,
    actions={
        "add": step(commands.AddTask, together.add, prepare=of_a_party, done="The task is given."),
        "change": step(commands.ChangeTask, together.change, done="The task is changed."),
        "complete": step(commands.CompleteTask, together.complete, done="The task is done."),
        "reopen": step(commands.ReopenTask, together.reopen, done="The task is open again."),
    },
    signed_in=True,
)
