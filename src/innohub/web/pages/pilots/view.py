"""The register of pilots: everything it is narrowed by stands in its address."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.market.pilots.models import PilotState as S
from innohub.web.page import Data, Page
from innohub.web.paging import page_of

PAGE_SIZE = 12
STAGES: dict[str, tuple[str, tuple[S, ...]]] = {
    "planned": ("Being planned", (S.PROPOSED, S.OVERLAP_REVIEW, S.SCOPING, S.ASSURANCE)),
    "locked": ("Protocol locked, not started", (S.PROTOCOL_LOCKED,)),
    "running": ("Running", (S.RUNNING,)),
    "paused": ("Paused", (S.PAUSED,)),
    "stopped": ("Stopped early, not analysed yet", (S.STOPPED,)),
    "analysed": ("Being analysed and decided", (S.ANALYSING, S.REPORTED, S.DECIDED)),
    "published": ("Result published", (S.PUBLISHED,)),
    "ended": ("Declined or lapsed", (S.DECLINED, S.LAPSED)),
}
"""A pilot's states as a reader sorts them; each state stands in one."""
ORDERS = {"newest": ("Newest", "NEWEST"), "ending": ("Ending soonest", "ENDING")}
SOURCES = {"": "All", "forces": "Pilots of forces", "literature": "Published trials"}


@dataclass(frozen=True)
class Search:
    """What the address asks for; what is no filter of ours is left out."""

    state: list[str]
    force: str
    kpi: str
    source: str
    order: str

    @classmethod
    def of(cls, request: Request) -> "Search":
        query = request.query_params
        source, order = query.get("source", ""), query.get("sort", "")
        return cls(
            state=[name for name in STAGES if name in query.getlist("state")],
            force=query.get("force", "")[:100],
            kpi=query.get("kpi", "")[:100],
            source=source if source in SOURCES else "",
            order=order if order in ORDERS else "newest",
        )

    @property
    def filter(self) -> dict[str, Any]:
        given = {
            "state": [state.name for stage in self.state for state in STAGES[stage][1]],
            "force": [self.force] if self.force else None,
            "kpi": [self.kpi] if self.kpi else None,
        }
        found: dict[str, Any] = {name: value for name, value in given.items() if value}
        if self.source:
            found["literature"] = self.source == "literature"
        return found


def variables(request: Request) -> Data:
    search = Search.of(request)
    order = ORDERS[search.order][1]
    return {"filter": search.filter, "orderBy": order, **page_of(request, PAGE_SIZE)}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    search = Search.of(request)
    return {
        "search": search,
        "stages": {name: words for name, (words, _) in STAGES.items()},
        "sources": SOURCES,
        "orders": {name: words for name, (words, _) in ORDERS.items()},
        "chosen": list(_chosen(search, data)),
    }


def _chosen(search: Search, data: Data) -> Iterator[dict[str, str]]:
    """The filters in use, each to be taken away by itself."""
    forces = {force["slug"]: force["name"] for force in data["forces"]}
    kpis = {kpi["value"]: kpi["label"] for kpi in data["kpis"]}
    for stage in search.state:
        yield {"name": "state", "value": stage, "label": STAGES[stage][0]}
    if search.force:
        label = forces.get(search.force, search.force)
        yield {"name": "force", "value": search.force, "label": label}
    if search.kpi:
        yield {"name": "kpi", "value": search.kpi, "label": kpis.get(search.kpi, search.kpi)}
    if search.source:
        yield {"name": "source", "value": search.source, "label": SOURCES[search.source]}


PAGE = Page("pilots", "/pilots", variables=variables, context=context)
