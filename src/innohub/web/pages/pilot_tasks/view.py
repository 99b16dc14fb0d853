"""The tasks of a pilot: what either side is to do, by when, and what is done."""

from datetime import timedelta
from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.market.pilots.together import commands
from innohub.market.pilots.together import service as together
from innohub.market.working_days import london_date
from innohub.web.page import Data, Page, step
from innohub.web.pages.pilot.together import shared
from innohub.web.reading import global_id

WEEK = timedelta(days=7)


def variables(request: Request) -> Data:
    return {"id": global_id("Pilot", request.path_params["number"])}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    pilot = data["pilot"]
    today = london_date(request.app.state.database.clock())
    return {
        **shared(actor, pilot),
        "waiting": [task for task in pilot["tasks"] if task["state"] != "DONE"],
        "finished": [task for task in pilot["tasks"] if task["state"] == "DONE"],
        "people": [(person["id"], person["name"]) for person in pilot["colleagues"]],
        "today": today.isoformat(),
        "next_week": (today + WEEK).isoformat(),
    }


PAGE = Page(
    "pilot_tasks",
    "/pilots/{number:int}/tasks",
    variables=variables,
    needed=("pilot",),
    context=context,
    actions={
        "add": step(commands.AddTask, together.add, done="The task is given."),
        "change": step(commands.ChangeTask, together.change, done="The task is changed."),
        "complete": step(commands.CompleteTask, together.complete, done="The task is done."),
        "reopen": step(commands.ReopenTask, together.reopen, done="The task is open again."),
    },
    signed_in=True,
)
