"""The checkpoints of a pilot: how it stands, the numbers, and whether it has to stop."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.pilots.commands import StopLimit
from innohub.market.pilots.models import PilotState
from innohub.market.pilots.together import commands
from innohub.market.pilots.together import service as together
from innohub.market.pilots.together.checkpoints import HELD_IN
from innohub.market.working_days import london_date
from innohub.web.page import Data, Page, step
from innohub.web.pages.pilot.standing import Standing, number_of
from innohub.web.pages.pilot.together import shared
from innohub.web.pages.protocol.entering import is_filled
from innohub.web.reading import global_id

FREE_NUMBERS = 3


def variables(request: Request) -> Data:
    return {"id": global_id("Pilot", request.path_params["number"])}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    pilot = data["pilot"]
    protocol = pilot["protocol"]
    limits = [StopLimit(**limit) for limit in protocol["stopLimits"]] if protocol else []
    return {
        **shared(actor, pilot),
        "records_for": _records_for(actor, pilot),
        "rules": [(limit.label, together.in_words(limit)) for limit in limits],
        "free": range(len(limits), len(limits) + FREE_NUMBERS),
        "today": london_date(request.app.state.database.clock()).isoformat(),
    }


def _records_for(actor: Actor, pilot: Data) -> list[tuple[str, str]]:
    """The forces of whose sites the reader may record a checkpoint now, with their names."""
    if PilotState[pilot["state"]] not in HELD_IN:
        return []
    own = set(Standing.of(actor, pilot).forces(Permission.PILOT_RUN))
    joined = [f["force"] for f in pilot["furtherForces"] if not f["leftAt"]]
    forces = [force for force in (pilot["force"], *joined) if number_of(force) in own]
    return [(force["id"], force["name"]) for force in forces]


def without_blank_numbers(given: dict[str, Any]) -> dict[str, Any]:
    """The form's fields as the command takes them: rows left empty are no readings."""
    rows = given.get("readings")
    if isinstance(rows, list):
        given["readings"] = [row for row in rows if is_filled(row)]
    return given


PAGE = Page(
    "pilot_checkpoints",
    "/pilots/{number:int}/checkpoints",
    variables=variables,
    needed=("pilot",),
    context=context,
    actions={
        "record": step(
            commands.RecordCheckpoint,
            together.record_checkpoint,
            prepare=without_blank_numbers,
            done="The checkpoint is recorded, and everybody who takes part is told.",
        )
    },
    signed_in=True,
)
