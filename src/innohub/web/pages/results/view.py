"""Trial data and the result: recorded as a file or cell by cell, computed, confirmed by a second
analyst."""

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from innohub.db import identifiers
from innohub.errors import Denied, Invalid, NotFound, NotSignedIn, Problem
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.evidence import commands
from innohub.market.evidence import service as evidence
from innohub.market.evidence.grading import WORDS, Downgrade, maryland_grade
from innohub.market.evidence.observations import template_csv
from innohub.market.working_days import london_date
from innohub.web.forms import Sent
from innohub.web.page import Data, Page, step
from innohub.web.pages.pilot import numbers
from innohub.web.pages.pilot.standing import Standing, open_steps, took
from innohub.web.pages.results import cells
from innohub.web.reading import global_id, read

RECORDED = (
    "The data are recorded: check them below. Next, the result is computed, once the pilot has "
    "ended."
)


def variables(request: Request) -> Data:
    return {"id": global_id("Pilot", request.path_params["number"])}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    pilot = data["pilot"]
    standing = Standing.of(actor, pilot)
    if not standing.reads_data:
        _turn_away(actor)
    today = london_date(request.app.state.database.clock())
    protocol = pilot["protocol"]
    locked = protocol is not None and protocol["lockedAt"] is not None
    newest = pilot["datasets"][0] if pilot["datasets"] else None
    mine = _own_forces(standing, pilot)
    before = _handed_in(pilot, mine[0][0]) if len(mine) == 1 else None
    earned = maryland_grade(protocol["design"]) if locked else 0
    recorded = before["cells"] if before else ()
    result = pilot["result"]
    return {
        "pilot": pilot,
        "protocol": protocol,
        "locked": locked,
        "newest": newest,
        "before": before,
        "mine": mine,
        "several": any(not further["leftAt"] for further in pilot["furtherForces"]),
        "result": result,
        "stale": bool(newest and result and newest["recordedAt"] > result["computedAt"]),
        "shape": cells.shape_of(protocol, pilot, recorded) if locked else None,
        "cells": cells,
        "steps": open_steps(pilot, standing, today),
        "computed_by": took(pilot, "compute_result"),
        "numbers": numbers,
        "downgrades": [(reason.value, told_in(reason)) for reason in Downgrade],
        "earned": earned,
        "lower_grades": [(str(grade), str(grade)) for grade in range(earned)],
    }


def told_in(reason: Downgrade) -> str:
    """As an option of a form."""
    return WORDS[reason][0].upper() + WORDS[reason][1:]


def _own_forces(standing: Standing, pilot: Data) -> list[tuple[str, str]]:
    """Ids and names of the pilot's forces whose data the reader may hand in."""
    own = standing.forces(Permission.RESULT_RECORD)
    of_pilot = [pilot["force"], *(further["force"] for further in pilot["furtherForces"])]
    return [(f["id"], f["name"]) for f in of_pilot if f and identifiers.decode(f["id"])[1] in own]


def _handed_in(pilot: Data, force_id: str) -> Data | None:
    """What the force handed in last. What names no force is the pilot's own one's."""
    for dataset in pilot["datasets"]:
        if (dataset["force"] or pilot["force"])["id"] == force_id:
            found: Data = dataset
            return found
    return None


def _turn_away(actor: Actor) -> None:
    if not actor.signed_in:
        raise NotSignedIn("Sign in to see trial data.")
    raise Denied("Trial data are for the forces that record them and the evaluation advisers.")


async def upload(request: Request, sent: Sent) -> Response:
    """A results file. What is wrong with it is told line by line, and first of all as a whole."""
    try:
        return await _upload(request, sent)
    except Invalid as error:
        problems = [replace(p, field="csv") if p.field == "file" else p for p in error.problems]
        if all(problem.field not in ("csv", "correction_reason") for problem in problems):
            problems.insert(0, Problem(error.message, "csv"))
        raise Invalid(error.message, problems=problems) from None


def _with_file(given: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(given.get("csv"), bytes):
        raise Invalid("Choose a CSV file.", field="csv")
    return given


async def template(request: Request) -> Response:
    """A CSV file to fill in, with the rows and columns that the locked protocol asks for.

    Raises NotFound where the pilot or its locked protocol is not the reader's to see.
    """
    assert PAGE.document is not None
    pilot = (await read(request, PAGE.document, variables(request)))["pilot"]
    if pilot is None or pilot["protocol"] is None or pilot["protocol"]["lockedAt"] is None:
        raise NotFound("This file does not exist.")
    protocol = pilot["protocol"]
    return Response(
        template_csv(protocol["kpiType"], protocol["design"], *cells.months_of(pilot)),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="pilot-{pilot["number"]}-results.csv"',
            "Cache-Control": "no-store",
        },
    )


_upload = step(commands.RecordTrialData, evidence.record_data, prepare=_with_file, done=RECORDED)
TEMPLATE = Route("/pilots/{number:int}/results/template.csv", template, name="results_template")
PAGE = Page(
    "results",
    "/pilots/{number:int}/results",
    variables=variables,
    needed=("pilot",),
    context=context,
    actions={
        "upload": upload,
        "type": step(commands.RecordTrialData, evidence.record_data, done=RECORDED),
        "report": step(
            commands.ReportResult,
            evidence.report,
            done="The result is computed. Next, a second analyst reproduces and confirms it.",
        ),
        "confirm": step(
            commands.ConfirmResult,
            evidence.confirm,
            done="You confirmed the result. Next, the force decides what follows from it.",
        ),
    },
)
