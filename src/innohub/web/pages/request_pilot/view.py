"""Asking for a pilot, in two steps: what is wanted, then what the pilots like it mean for it.

The second step carries the first one's answers in hidden fields: nothing is stored before it.
"""

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from innohub.db import identifiers
from innohub.errors import InnoHubError, Invalid
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.pilots import service as pilots
from innohub.market.pilots.commands import ProposePilot, RequestPilot
from innohub.market.pilots.models import Pilot
from innohub.market.pilots.procurement import AMOUNTS, refuse_route
from innohub.market.working_days import london_date
from innohub.web.authentication import caller_of, signature_of
from innohub.web.forms import DO, Form, Sent, given_in
from innohub.web.kpis import primary
from innohub.web.page import Data, Page, step
from innohub.web.pages.pilot.costs import in_pence, threshold_in
from innohub.web.pages.request_pilot.choices import choices, joinable
from innohub.web.reading import global_id
from innohub.web.security.csrf import form_token
from innohub.web.wording import in_pounds

SHOWN = "shown"
"""How many pilots like it the second step showed."""
BECAUSE = ("Same technology", "Same challenge", "Same KPI")
OF_THE_SECOND_STEP = frozenset({"overlap_choice", "overlap_reason", "join_id"})


async def variables(request: Request) -> Data:
    actor = (await caller_of(request)).actor
    actor.require(Permission.PILOT_REQUEST)
    proposal = _proposal(request)
    forces = actor.with_permission(Permission.PILOT_REQUEST)
    return {
        "slug": request.path_params["slug"],
        "checked": proposal is not None,
        "technologyId": global_id("Technology", proposal.technology_id if proposal else 1),
        "kpi": proposal.kpi if proposal else "",
        "forces": [identifiers.encode("Force", id) for id in forces],
        "challenge": global_id("Challenge", _challenge(request) or 1),
        "forChallenge": _challenge(request) is not None,
        "asked": global_id("Challenge", number) if (number := _challenge(request)) else None,
    }


def _challenge(request: Request) -> int | None:
    """The number of the challenge that the address names, if it names one."""
    number = request.query_params.get("challenge", "")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    proposal = _proposal(request)
    own = [force["id"] for force in data["forces"] if force]
    others = joinable(_found(data, "similarPilots"), data["technology"])
    return {
        "technology": data["technology"],
        "owed": _owed(data["technology"]["supplier"], own),
        "blocked": {pilot["force"]["id"] for pilot in _owed(data["technology"]["supplier"], own)}
        >= set(own),
        "forces": [(force["id"], force["name"]) for force in data["forces"] if force],
        "kpis": primary(data["kpis"]),
        "proposal": proposal,
        "challenge": data.get("challenge"),
        "carried": _carried(proposal) if proposal else {},
        "alike": _closest_first(data),
        "earlier": _own_technology_first(data),
        "threshold": threshold_in(data["thresholds"]),
        **(_costs(proposal, data["routes"]) if proposal else {}),
        "joinable": others,
        "choices": choices(join=bool(others)),
    }


def _owed(supplier: Data, own: list[str]) -> list[Any]:
    """The unreported and unexplained pilots of the reader's forces with the supplier."""
    return [
        pilot
        for pilot in supplier["unreported"]["nodes"]
        if pilot["force"] and pilot["force"]["id"] in own and not pilot["overdueExplainedAt"]
    ]


def _costs(proposal: ProposePilot, routes: Iterable[Data]) -> dict[str, Any]:
    """All sums together, and the route in words where one is chosen."""
    chosen = (r["label"] for r in routes if r["value"] == proposal.procurement_route)
    sums = (proposal.cost_pence, proposal.options_pence, proposal.vat_pence)
    return {"total": sum(amount or 0 for amount in sums), "route": next(chosen, None)}


async def check(request: Request, sent: Sent) -> Response:
    """The first step: what was entered is sound, so show the pilots like it."""
    request.state.proposal = await _checked(request, sent)
    return await PAGE.show(request, Form(lambda: form_token(request), sent))


async def change(request: Request, sent: Sent) -> Response:
    """Back to the first step, with everything as it was entered."""
    return await PAGE.show(request, Form(lambda: form_token(request), {**sent, DO: ["check"]}))


async def request_it(request: Request, sent: Sent) -> Response:
    """The second step. A problem with an answer of the first one leads back there."""
    try:
        return await _request(request, sent)
    except InnoHubError as error:
        if {problem.field for problem in error.problems} <= OF_THE_SECOND_STEP:
            request.state.proposal = await _checked(request, sent)
        else:
            sent[DO] = ["check"]
        raise


def _proposal(request: Request) -> ProposePilot | None:
    return getattr(request.state, "proposal", None)


def _found(data: Data, name: str) -> list[Any]:
    """The pilots like it; none before the first step is checked."""
    return data[name]["nodes"] if name in data else []


def _closest_first(data: Data) -> list[Any]:
    """The pilots of the same technology, then those for the same challenge, then those of the same
    KPI; each the newest first, and with why it stands there."""
    own = data["technology"]["slug"]
    challenge = data.get("challenge")
    asked = {pilot["id"] for pilot in challenge["pilots"]["nodes"]} if challenge else set()
    others = _found(data, "similarPilots")

    def place(pilot: Data) -> int:
        if pilot["technology"] and pilot["technology"]["slug"] == own:
            return 0
        return 1 if pilot["id"] in asked else 2

    ordered = sorted(others, key=place)
    return [{**pilot, "because": BECAUSE[place(pilot)]} for pilot in ordered]


def _own_technology_first(data: Data) -> list[Any]:
    """The pilots from before the hub: of the same technology, then of the same KPI; each the last
    to end first, and with why it stands there."""
    own = data["technology"]["slug"]

    def another(pilot: Data) -> bool:
        return pilot["technology"] is None or pilot["technology"]["slug"] != own

    ordered = sorted(_found(data, "similarEarlierPilots"), key=another)
    return [{**pilot, "because": BECAUSE[2 if another(pilot) else 0]} for pilot in ordered]


def _carried(proposal: ProposePilot) -> dict[str, str]:
    """The first step's answers, as the hidden fields of the second send them."""
    fields = proposal.model_dump(mode="json", exclude_none=True)
    fields |= {name: in_pounds(fields[name]) for name in AMOUNTS if name in fields}
    fields["technology_id"] = identifiers.encode("Technology", proposal.technology_id)
    if proposal.challenge_id is not None:
        fields["challenge_id"] = identifiers.encode("Challenge", proposal.challenge_id)
    if proposal.force_id is not None:
        fields["force_id"] = identifiers.encode("Force", proposal.force_id)
    return fields


async def _checked(request: Request, sent: Sent) -> ProposePilot:
    kept = {n: values for n, values in sent.items() if n not in OF_THE_SECOND_STEP | {DO, SHOWN}}
    proposal = ProposePilot.parse(in_pence(given_in(kept, ProposePilot)))
    database = request.app.state.database
    if proposal.start_on < london_date(database.clock()):
        raise Invalid("The start cannot lie in the past.", field="start_on")
    caller = await caller_of(request)
    async with database.unit_of_work(signature_of(request, caller)) as work:
        await refuse_route(work, proposal)
    return proposal


def _chosen(given: dict[str, Any]) -> dict[str, Any]:
    if given.pop(SHOWN, "0") != "0" and not given.get("overlap_choice"):
        raise Invalid("Choose what the pilots like it mean for yours.", field="overlap_choice")
    return in_pence(given)


def _address(request: Request, pilot: Pilot) -> str:
    return f"/pilots/{pilot.id}"


_request = step(
    RequestPilot,
    pilots.request,
    prepare=_chosen,
    then=_address,
    done="The pilot is requested. Next, the supplier accepts or declines it.",
)
PAGE = Page(
    "request_pilot",
    "/technologies/{slug}/pilot",
    variables=variables,
    needed=("technology",),
    context=context,
    actions={"check": check, "change": change, "request": request_it},
    signed_in=True,
)
