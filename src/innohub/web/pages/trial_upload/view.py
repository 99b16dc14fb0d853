"""One upload of trial data: how far its check is, what is wrong with it, or what it was taken for,
to be confirmed or taken back."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from innohub.errors import NotFound
from innohub.identity.actor import Actor
from innohub.market.evidence import service as evidence
from innohub.market.evidence.observing import commands
from innohub.market.evidence.observing.problems import KEPT
from innohub.web import refusals
from innohub.web.downloads import Column, csv_file
from innohub.web.page import Data, Page, step
from innohub.web.pages.protocol import outcome_words
from innohub.web.pages.results import cells
from innohub.web.pages.results.words import RECORDED
from innohub.web.reading import global_id, read

PROBLEM = (
    Column("row", "The line of the file, its header being 1"),
    Column("column", "The column, where one is to blame"),
    Column("problem", "What is wrong"),
)
SHOWN = 20
"""Problems on the page; the file has more of them."""


def variables(request: Request) -> Data:
    return {"id": global_id("TrialUpload", request.path_params["upload"])}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    upload = data["upload"]
    pilot = upload["pilot"]
    if pilot["number"] != request.path_params["number"]:
        raise NotFound("This page does not exist.")
    outcome = upload["outcome"]
    datasets = (outcome or pilot)["datasets"]["nodes"]
    return {
        "upload": upload,
        "pilot": pilot,
        "before": cells.handed_in(pilot, datasets, upload["force"]["id"]),
        "kpi": outcome_words.name(outcome) if outcome else pilot["protocol"]["kpiLabel"],
        "share": _share(upload),
        "shown": upload["problems"][:SHOWN],
        "further": upload["problemCount"] - len(upload["problems"][:SHOWN]),
        "most": KEPT,
        "cells": cells,
        "results": _results(request) + (f"?kpi={outcome['number']}" if outcome else ""),
        "here": refusals.here(request),
    }


def _share(upload: Data) -> int:
    """Per cent of the file that was read."""
    return int(100 * upload["bytesRead"] / upload["size"]) if upload["size"] else 0


def _results(request: Request, _: Any = None) -> str:
    return f"/pilots/{request.path_params['number']}/results"


async def problems_file(request: Request) -> Response:
    """The problems that were kept, as CSV. Raises NotFound where the upload is not the reader's."""
    assert PAGE.document is not None
    upload = (await read(request, PAGE.document, variables(request)))["upload"]
    if upload is None or upload["pilot"]["number"] != request.path_params["number"]:
        raise NotFound("This file does not exist.")
    rows = ({**problem, "problem": problem["message"]} for problem in upload["problems"])
    return csv_file(f"problems-{upload['number']}", PROBLEM, rows)


PROBLEMS = Route(
    "/pilots/{number:int}/uploads/{upload:int}/problems.csv", problems_file, name="upload_problems"
)
PAGE = Page(
    "trial_upload",
    "/pilots/{number:int}/uploads/{upload:int}",
    variables=variables,
    needed=("upload",),
    context=context,
    signed_in=True,
    actions={
        "record": step(commands.RecordUpload, evidence.record_upload, done=RECORDED, then=_results),
        "abandon": step(
            commands.AbandonUpload,
            evidence.abandon_upload,
            done="The upload is taken back. Nothing of it is kept.",
            then=_results,
        ),
    },
)
