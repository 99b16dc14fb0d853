"""Trial data and the result: handed in as a file or typed in cell by cell, computed, confirmed by a
second analyst."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.errors import Denied, Invalid, NotFound, NotSignedIn, Problem
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.evidence import commands
from innohub.market.evidence import service as evidence
from innohub.market.evidence.grading import WORDS, Downgrade, maryland_grade
from innohub.market.evidence.observations import template_csv
from innohub.market.evidence.observing.commands import ReceiveFile
from innohub.market.evidence.observing.receiving import LARGEST_FILE, MIB
from innohub.market.evidence.observing.templates import observations_csv
from innohub.market.pilots.protocols import SUPPLIED_DESIGNS
from innohub.market.working_days import london_date
from innohub.web.authentication import caller_of, signature_of
from innohub.web.downloads import attached
from innohub.web.forms import DO, Sent, given_in
from innohub.web.page import Data, Page, back, step
from innohub.web.pages.pilot import numbers
from innohub.web.pages.pilot.standing import Standing, open_steps, took
from innohub.web.pages.protocol import outcome_words
from innohub.web.pages.results import cells
from innohub.web.pages.results.words import RECORDED
from innohub.web.reading import global_id, read


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
    outcome = outcome_in(request, pilot)
    measured = outcome or protocol
    datasets = (outcome or pilot)["datasets"]["nodes"]
    newest = datasets[0] if datasets else None
    mine = _own_forces(standing, pilot)
    before = cells.handed_in(pilot, datasets, mine[0][0]) if len(mine) == 1 else None
    supplied = locked and measured["design"] in SUPPLIED_DESIGNS
    earned = maryland_grade(protocol["design"]) if locked else 0
    recorded = before["cells"] if before else ()
    result = pilot["result"]
    return {
        "pilot": pilot,
        "protocol": protocol,
        "locked": locked,
        "outcome": outcome,
        "measured": measured,
        "datasets": datasets,
        "outcome_words": outcome_words,
        "newest": newest,
        "before": before,
        "mine": mine,
        "several": any(not further["leftAt"] for further in pilot["furtherForces"]),
        "result": result,
        "late": _late(pilot, datasets),
        "stale": bool(result and _newest_of_all(pilot) > result["computedAt"]),
        "shape": cells.shape_of(measured, pilot, recorded) if locked and not supplied else None,
        "scales": cells.scales_of(measured) if supplied else [],
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


def outcome_in(request: Request, pilot: Data) -> Data | None:
    """The further KPI that the address names; None for the primary one. Raises NotFound for one
    that the pilot's locked protocol does not register."""
    asked = request.query_params.get("kpi")
    if asked is None:
        return None
    protocol = pilot["protocol"]
    if protocol is not None and protocol["lockedAt"] is not None:
        for outcome in protocol["outcomes"]:
            if str(outcome["number"]) == asked:
                found: Data = outcome
                return found
    raise NotFound("The protocol registers no such KPI.")


def _newest_of_all(pilot: Data) -> str:
    """When data of any KPI were last recorded."""
    outcomes = pilot["protocol"]["outcomes"] if pilot["protocol"] else []
    held = [one for of in (pilot, *outcomes) for one in of["datasets"]["nodes"]]
    return max((dataset["recordedAt"] for dataset in held), default="")


def _late(pilot: Data, datasets: Sequence[Data]) -> set[int]:
    """The versions that corrected data which were frozen."""
    frozen_at = pilot["dataFrozenAt"]
    return {
        dataset["version"]
        for dataset in datasets
        if frozen_at and dataset["correctionReason"] and dataset["recordedAt"] > frozen_at
    }


def _own_forces(standing: Standing, pilot: Data) -> list[tuple[str, str]]:
    """Ids and names of the pilot's forces whose data the reader may hand in."""
    own = standing.forces(Permission.RESULT_RECORD)
    of_pilot = [pilot["force"], *(further["force"] for further in pilot["furtherForces"])]
    return [(f["id"], f["name"]) for f in of_pilot if f and identifiers.decode(f["id"])[1] in own]


def _turn_away(actor: Actor) -> None:
    if not actor.signed_in:
        raise NotSignedIn("Sign in to see trial data.")
    raise Denied("Trial data are for the forces that record them and the evaluation advisers.")


async def upload(request: Request, sent: Sent) -> Response:
    """A file of totals or of observations, to be looked at before it counts. What is wrong with
    totals is told line by line, and first of all as a whole."""
    try:
        return await _received(request, sent)
    except Invalid as error:
        problems = [replace(p, field="csv") if p.field == "file" else p for p in error.problems]
        if all(problem.field != "csv" for problem in problems):
            problems.insert(0, Problem(error.message, "csv"))
        raise Invalid(error.message, problems=problems) from None


async def _received(request: Request, sent: Sent) -> Response:
    caller = await caller_of(request)
    file = sent.pop("csv", [""])[-1]
    if not isinstance(file, UploadFile):
        raise Invalid("Choose a CSV file.", field="csv")
    given = given_in({name: v for name, v in sent.items() if name != DO}, ReceiveFile)
    command = ReceiveFile.parse(given)
    database: Database = request.app.state.database
    async with database.unit_of_work(signature_of(request, caller)) as work:
        found = await evidence.receive(
            work, caller.actor, command, file=file, name=file.filename or ""
        )
    return back(request, f"/pilots/{found.pilot_id}/uploads/{found.id}")


async def template(request: Request) -> Response:
    """A CSV file to fill in with totals: the rows and columns that the locked protocol asks for."""
    return await _to_fill_in(request, "results", _totals)


async def observations_template(request: Request) -> Response:
    """A CSV file to fill in with observations: its columns, and a first row for each group."""
    return await _to_fill_in(request, "observations", _observations)


def _totals(pilot: Data, measured: Data) -> str:
    return template_csv(measured["kpiType"], measured["design"], *cells.months_of(pilot))


def _observations(pilot: Data, measured: Data) -> str:
    return observations_csv(measured["kpiType"], measured["design"])


async def _to_fill_in(request: Request, name: str, made: Callable[[Data, Data], str]) -> Response:
    """Raises NotFound where the pilot or its locked protocol is not the reader's to see."""
    assert PAGE.document is not None
    pilot = (await read(request, PAGE.document, variables(request)))["pilot"]
    if pilot is None or pilot["protocol"] is None or pilot["protocol"]["lockedAt"] is None:
        raise NotFound("This file does not exist.")
    outcome = outcome_in(request, pilot)
    measured = outcome or pilot["protocol"]
    if measured["design"] in SUPPLIED_DESIGNS:
        raise NotFound("This design takes an estimate, not a file.")
    of = f"-kpi-{outcome['number']}" if outcome else ""
    return attached(made(pilot, measured), f"pilot-{pilot['number']}{of}-{name}.csv")


TEMPLATES = [
    Route("/pilots/{number:int}/results/template.csv", template, name="results_template"),
    Route(
        "/pilots/{number:int}/results/observations.csv",
        observations_template,
        name="observations_template",
    ),
]
PAGE = Page(
    "results",
    "/pilots/{number:int}/results",
    variables=variables,
    needed=("pilot",),
    context=context,
    largest_body=LARGEST_FILE + MIB,
    streams_files=True,
    files_need=Permission.RESULT_RECORD,
    actions={
        "upload": upload,
        "type": step(commands.RecordTrialData, evidence.record_data, done=RECORDED),
        "supply": step(commands.SupplyEstimate, evidence.supply, done=RECORDED),
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
