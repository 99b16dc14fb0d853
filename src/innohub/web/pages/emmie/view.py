"""EMMIE by site: how it works, for whom, what supported or obstructed it, what it costs."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.evidence import service as evidence
from innohub.market.evidence.emmie.commands import RecordEmmie
from innohub.market.evidence.emmie.models import QUALITY
from innohub.market.evidence.emmie.service import TOLD_IN
from innohub.web.page import Data, Page, step
from innohub.web.pages.pilot import numbers
from innohub.web.pages.pilot.standing import number_of
from innohub.web.reading import global_id

NOTES = {
    "mechanism": (
        "How it works",
        "What people did otherwise because of it, and how that brought the effect about.",
    ),
    "moderators": (
        "Where and for whom",
        "Places, times, people or cases with which it worked better or worse.",
    ),
    "implementation": (
        "What supported or obstructed it",
        "Training, time, leaders, systems, the supplier: what another site should know first.",
    ),
    "economics": ("What it costs", "Money, hours and posts at this site, and what they bought."),
}
"""The four notes, each with its heading and what the form asks."""
QUALITIES = [(str(number), f"{number}: {words}") for number, words in QUALITY.items()]


def variables(request: Request) -> Data:
    return {"id": global_id("Pilot", request.path_params["number"])}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    pilot = data["pilot"]
    left = {one["force"]["id"] for one in pilot["furtherForces"] if one["leftAt"]}
    sites = [site for site in pilot["sites"] if site["force"]["id"] not in left]
    return {
        "pilot": pilot,
        "sites": sites,
        "open_to": {site["id"] for site in sites if may_tell(pilot, site, actor)},
        "begun": pilot["state"].lower() in TOLD_IN,
        "notes": NOTES,
        "qualities": QUALITIES,
        "notes_in": notes_in,
        "numbers": numbers,
    }


def may_tell(pilot: Data, site: Data, actor: Actor) -> bool:
    """Whether the reader runs the pilot at the site, or analyses it."""
    force = number_of(site["force"])
    permissions = (Permission.PILOT_RUN, Permission.RESULT_RECORD)
    return (
        actor.person_id is not None
        and force is not None
        and pilot["state"].lower() in TOLD_IN
        and any(actor.may(permission, force) for permission in permissions)
    )


def notes_in(record: Data | None) -> list[tuple[str, str, str]]:
    """The notes that a record has: heading, text, and how good the evidence is."""
    if record is None:
        return []
    return [
        (
            heading,
            record[name],
            f"{record[f'{name}Quality']} of 4: {QUALITY[record[f'{name}Quality']]}",
        )
        for name, (heading, _) in NOTES.items()
        if record[name]
    ]


PAGE = Page(
    "emmie",
    "/pilots/{number:int}/emmie",
    variables=variables,
    needed=("pilot",),
    context=context,
    actions={
        "record": step(
            RecordEmmie,
            evidence.record_emmie,
            done="It is recorded. It becomes public with the result.",
        )
    },
)
