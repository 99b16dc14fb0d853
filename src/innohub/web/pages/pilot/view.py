"""One pilot: what it found, where it stands, and the steps that are the reader's to take."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.errors import Invalid
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.catalogue.parts import LABELS
from innohub.market.evidence import commands as evidence_commands
from innohub.market.evidence import service as evidence
from innohub.market.evidence.appraisal.service import APPRAISED_IN
from innohub.market.pilots import commands
from innohub.market.pilots import service as pilots
from innohub.market.pilots.models import PilotDecision, StopReason
from innohub.market.working_days import london_date
from innohub.web.authentication import caller_of
from innohub.web.page import Data, Page, step
from innohub.web.pages.appraisal.view import in_words
from innohub.web.pages.emmie.view import may_tell, notes_in
from innohub.web.pages.pilot import numbers
from innohub.web.pages.pilot.costs import in_pence, threshold_in
from innohub.web.pages.pilot.forces import forces_of
from innohub.web.pages.pilot.next_steps import next_steps
from innohub.web.pages.pilot.standing import Standing, gates_to_sign, open_steps, took
from innohub.web.pages.pilot.timeline import EVERYDAY, moments
from innohub.web.pages.pilot.together import PARTS
from innohub.web.pages.protocol import outcome_words
from innohub.web.pages.protocol.designs import DESIGNS
from innohub.web.pages.request_pilot.choices import SITE_ROLES, choices, joinable
from innohub.web.reading import global_id
from innohub.web.wording import words


async def variables(request: Request) -> Data:
    actor = (await caller_of(request)).actor
    own = actor.with_permission(Permission.PILOT_REQUEST)
    return {
        "id": global_id("Pilot", request.path_params["number"]),
        "forces": [identifiers.encode("Force", id) for id in own],
        "everyday": sorted(EVERYDAY),
    }


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    pilot = data["pilot"]
    today = london_date(request.app.state.database.clock())
    standing = Standing.of(actor, pilot)
    others = joinable([overlap["other"] for overlap in pilot["overlaps"]], pilot["technology"])
    return {
        "pilot": pilot,
        "today": today,
        "steps": open_steps(pilot, standing, today),
        "standing": standing,
        "parts": LABELS,
        "waiting": next_steps(pilot, standing, today),
        "moments": moments(pilot, today),
        "computed_by": took(pilot, "compute_result"),
        "worth": in_words(pilot["appraisal"]) if pilot["appraisal"] else "",
        "appraisable": pilot["force"] is not None and pilot["state"].lower() in APPRAISED_IN,
        "notes_in": notes_in,
        "telling": [site for site in pilot["sites"] if site["emmie"]],
        "may_tell": any(may_tell(pilot, site, actor) for site in pilot["sites"]),
        "numbers": numbers,
        "outcome_words": outcome_words,
        "together_parts": PARTS,
        "design": DESIGNS.get(pilot["protocol"]["design"]) if pilot["protocol"] else None,
        "overlap_choices": choices(join=bool(others)),
        "joinable": others,
        "forces": forces_of(pilot),
        "own_ids": [f["id"] for f in data["forces"] if f],
        "own_forces": [(f["id"], f["name"]) for f in data["forces"] if f],
        "mine": gates_to_sign(pilot),
        "site_roles": SITE_ROLES,
        "threshold": threshold_in(data["thresholds"]),
        "decisions": [(each.value, words(each)) for each in PilotDecision],
        "stop_reasons": [(each.value, words(each)) for each in StopReason],
    }


def _with_words(given: dict[str, Any]) -> dict[str, Any]:
    # Without any, the command would mean that the supplier has none.
    if not str(given.get("comment", "")).strip():
        raise Invalid("Write the comment, or say that you have none.", field="comment")
    return given


PAGE = Page(
    "pilot",
    "/pilots/{number:int}",
    variables=variables,
    needed=("pilot",),
    context=context,
    actions={
        "check_overlap": step(
            commands.CheckOverlap, pilots.check_overlap, done="The pilot is requested."
        ),
        "choose": step(
            commands.ChooseOverlap,
            pilots.choose,
            done="Your choice is recorded. Next, the supplier accepts or declines the pilot.",
        ),
        "accept": step(
            commands.AcceptPilot,
            pilots.accept,
            done="You accepted the pilot. Next, the force's senior responsible owner approves it.",
        ),
        "decline": step(commands.DeclinePilot, pilots.decline, done="The pilot is declined."),
        "set_costs": step(
            commands.SetCosts,
            pilots.set_costs,
            prepare=in_pence,
            done="The costs are recorded.",
        ),
        "approve": step(
            commands.ApprovePilot,
            pilots.approve,
            done="The pilot is approved. Next, the assurance is signed and the protocol locked.",
        ),
        "join": step(
            commands.JoinPilot,
            pilots.join,
            done="Your force joined the pilot. Next, its senior responsible owner approves.",
        ),
        "approve_joining": step(
            commands.ApproveJoining,
            pilots.approve_joining,
            done="Your force takes part. Next, its reviewers sign what the passport leaves open.",
        ),
        "leave": step(
            commands.LeavePilot, pilots.leave, done="Your force takes no part in this pilot."
        ),
        "add_site": step(commands.AddSite, pilots.add_site, done="The site is added."),
        "remove_site": step(commands.RemoveSite, pilots.remove_site, done="The site is removed."),
        "sign": step(
            commands.SignAssurance,
            pilots.sign_assurance,
            done="You signed. Once every gate is passed, a second person locks the protocol.",
        ),
        "start": step(
            commands.StartPilot,
            pilots.start,
            done="The pilot is running. Next, it is ended and its results are recorded.",
        ),
        "pause": step(
            commands.PausePilot, pilots.pause, done="The pilot is paused. It can go on or stop."
        ),
        "agree": step(
            commands.AgreeToResume,
            pilots.agree_to_resume,
            done="You agreed. The force's senior responsible owner may now go on with it.",
        ),
        "resume": step(commands.ResumePilot, pilots.resume, done="The pilot is running again."),
        "agree_continuation": step(
            commands.AgreeContinuation,
            pilots.agree_continuation,
            done="It is recorded how the pilot goes on if the listing is withdrawn.",
        ),
        "stop": step(
            commands.StopPilot,
            evidence.stop,
            done="The pilot is stopped. What was found until now is analysed and published.",
        ),
        "finish": step(
            commands.FinishPilot,
            pilots.finish,
            done="The pilot has ended. Next, its results are recorded and computed.",
        ),
        "explain": step(
            commands.ExplainOverdue,
            pilots.explain_overdue,
            done="Your explanation is public. Your force may begin new pilots with this supplier.",
        ),
        "confirm": step(
            evidence_commands.ConfirmResult,
            evidence.confirm,
            done="You confirmed the result. Next, the force decides what follows from it.",
        ),
        "comment": step(
            evidence_commands.CommentOnResult,
            evidence.comment,
            prepare=_with_words,
            done="Your comment is recorded. It is published with the result.",
        ),
        "no_comment": step(
            evidence_commands.CommentOnResult,
            evidence.comment,
            done="It is recorded that you have no comment.",
        ),
        "decide": step(
            evidence_commands.DecidePilot,
            evidence.decide,
            done="The decision is recorded. The result is published as soon as the supplier has "
            "answered, or its time for comment is over.",
        ),
    },
)
