"""The KPI dictionary: what every force measures alike, what some measure for themselves, and what
is proposed."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.pilots import service as pilots
from innohub.market.pilots.kpis import COMPUTED_TYPES
from innohub.market.pilots.local_kpis import commands
from innohub.web.authentication import caller_of
from innohub.web.page import Data, Page, step

TYPES = [
    {"value": "proportion", "label": "A share", "help": "So many of so many, in per cent."},
    {"value": "count_rate", "label": "A rate", "help": "Events for each so many shifts, or files."},
    {"value": "mean", "label": "A mean", "help": "Minutes, hours or pounds for each case."},
]
TYPE_WORDS = {option["value"]: option["label"] for option in TYPES}
DIRECTIONS = [
    ("lower_is_better", "Lower is better"),
    ("higher_is_better", "Higher is better"),
    ("target_band", "Within a band"),
]


async def variables(request: Request) -> Data:
    actor = (await caller_of(request)).actor
    own = actor.with_permission(Permission.PROTOCOL_PROPOSE)
    return {"forces": [identifiers.encode("Force", id) for id in own]}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    forces = [(force["id"], force["name"]) for force in data["forces"] if force]
    of = {one["kpi"]: one["force"] for one in data["approved"]["nodes"]}
    return {
        "kpis": sorted(data["kpis"], key=lambda kpi: (kpi["value"] in of, kpi["label"])),
        "of": of,
        "proposed": data["proposed"]["nodes"],
        "refused": data["refused"]["nodes"],
        "advises": actor.may(Permission.PILOT_ADVISE),
        "proposes": bool(forces),
        "forces": forces if len(forces) > 1 else [],
        "types": TYPES,
        "type_words": TYPE_WORDS,
        "directions": DIRECTIONS,
        "computed": COMPUTED_TYPES,
    }


PAGE = Page(
    "kpis",
    "/kpis",
    variables=variables,
    context=context,
    actions={
        "propose": step(
            commands.ProposeKpi,
            pilots.propose_kpi,
            done="The KPI is proposed. An evaluation adviser approves or refuses it, and you are "
            "told.",
        ),
        "approve": step(
            commands.ApproveKpi,
            pilots.approve_kpi,
            done="The KPI is in the dictionary, and protocols may choose it.",
        ),
        "refuse": step(
            commands.RefuseKpi,
            pilots.refuse_kpi,
            done="The KPI is refused. Whoever proposed it is told why.",
        ),
    },
)
