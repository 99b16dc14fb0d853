"""A pilot's protocol: written by one analyst, locked by a second person, public from then on."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.market.pilots import commands
from innohub.market.pilots import service as pilots
from innohub.market.pilots.assumptions import warnings
from innohub.market.pilots.headings import (
    DeliveryFramework,
    ProtocolHeading,
    UnitOfAnalysis,
    title,
)
from innohub.market.pilots.kpis import COMPUTED_TYPES
from innohub.market.pilots.outcomes.commands import AddOutcome, RemoveOutcome
from innohub.market.working_days import london_date
from innohub.web.kpis import named
from innohub.web.page import Data, Page, step
from innohub.web.pages.pilot.standing import Standing, open_steps
from innohub.web.pages.protocol import outcome_words
from innohub.web.pages.protocol.designs import DESIGNS
from innohub.web.pages.protocol.document import sections, texts
from innohub.web.pages.protocol.entering import as_entered, as_kept, wording
from innohub.web.pages.protocol.registering import as_registered, chosen
from innohub.web.reading import global_id
from innohub.web.wording import words


def variables(request: Request) -> Data:
    return {"id": global_id("Pilot", request.path_params["number"])}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    pilot = data["pilot"]
    today = london_date(request.app.state.database.clock())
    kpi = next((kpi for kpi in data["kpis"] if kpi["value"] == pilot["kpi"]), None)
    protocol = pilot["protocol"]
    document = sections(pilot) if protocol else []
    return {
        "pilot": pilot,
        "protocol": protocol,
        "kpi": kpi,
        "wording": wording(kpi) if kpi else None,
        "shown": _shown(protocol) if protocol else {},
        "steps": open_steps(pilot, Standing.of(actor, pilot), today),
        "sections": document,
        "missing": [section for section in document if section.missing],
        "texts": texts(protocol) if protocol else {},
        "titles": [title(heading) for heading in ProtocolHeading],
        "units": [(unit.value, words(unit)) for unit in UnitOfAnalysis],
        "frameworks": [(one.value, words(one)) for one in DeliveryFramework],
        "designs": [
            {
                "value": design.name,
                "label": f"{design.label} (evidence grade {design.grade} of 5)",
                "help": design.help,
            }
            for design in DESIGNS.values()
        ],
        **_beside(data["kpis"], protocol),
        "warnings": _warnings(protocol) if protocol else [],
    }


def _beside(kpis: list[Data], protocol: Data | None) -> dict[str, Any]:
    """What the further KPIs and the form that adds one need."""
    return {
        "outcome_words": outcome_words,
        "outcome_roles": outcome_words.ROLES,
        "outcome_kpis": [
            (chosen(kpi), named(kpi)) for kpi in kpis if kpi["kpiType"] in COMPUTED_TYPES
        ],
        "outcome_designs": [(name, design.label) for name, design in DESIGNS.items()],
    }


def _warnings(protocol: Data) -> list[str]:
    names = {"kpi_type": "kpiType", "design_effect": "designEffect"}
    asked = ("kpi_type", "design", "overdispersion", "design_effect")
    return warnings({name: protocol[names.get(name, name)] for name in asked})


def _shown(protocol: Data) -> dict[str, str]:
    kind = protocol["kpiType"]
    assumed = {
        "overdispersion": None if protocol["baselineCounts"] else protocol["overdispersion"],
        "design_effect": protocol["designEffect"],
        "before_after_correlation": protocol["beforeAfterCorrelation"],
    }
    return {
        **{name: f"{value:g}" for name, value in assumed.items() if value is not None},
        "baseline_value": as_entered(protocol["baselineValue"], per_cent=kind == "proportion"),
        "minimum_important_effect": as_entered(
            protocol["minimumImportantEffect"], per_cent=kind in ("proportion", "count_rate")
        ),
    }


PAGE = Page(
    "protocol",
    "/pilots/{number:int}/protocol",
    variables=variables,
    needed=("pilot",),
    context=context,
    actions={
        "propose": step(
            commands.ProposeProtocol,
            pilots.propose_protocol,
            prepare=as_kept,
            done="The protocol is written. Once nothing is missing, a second person reads it and "
            "locks it.",
        ),
        "add_outcome": step(
            AddOutcome,
            pilots.add_outcome,
            prepare=as_registered,
            done="The KPI is registered with the protocol. Add the next one, or have it locked.",
        ),
        "remove_outcome": step(
            RemoveOutcome, pilots.remove_outcome, done="The KPI is taken off the protocol."
        ),
        "lock": step(
            commands.LockProtocol,
            pilots.lock_protocol,
            done="The protocol is locked and stands in the public register. Next, the pilot "
            "starts.",
        ),
    },
)
