"""What forces need: everything the list is narrowed by stands in its address."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.challenges.models import ChallengeState as S
from innohub.web.page import Data, Page
from innohub.web.paging import page_of

PAGE_SIZE = 12
STAGES: dict[str, tuple[str, tuple[S, ...]]] = {
    "responding": ("Open to suppliers", (S.PUBLISHED, S.CLARIFYING)),
    "sponsors": ("Open to forces", (S.OPEN_FOR_COSPONSORS,)),
    "matching": ("Responses being compared", (S.MATCHING,)),
    "piloting": ("In pilots", (S.PILOTING,)),
    "answered": ("Answered", (S.ANSWERED,)),
    "drafts": ("Drafts of your force", (S.DRAFT,)),
    "ended": ("Unmet, merged or withdrawn", (S.CLOSED_UNMET, S.MERGED, S.WITHDRAWN)),
}
"""A challenge's states as a reader sorts them; each state stands in one."""
FOR_FORCES = {"sponsors", "drafts"}
"""Stages in which only policing sees a challenge."""
ORDERS = {"deadline": ("Next deadline", "DEADLINE"), "newest": ("Newest", "NEWEST")}


@dataclass(frozen=True)
class Search:
    """What the address asks for; what is no filter of ours is left out."""

    words: str
    state: list[str]
    force: str
    kpi: str
    category: str
    order: str

    @classmethod
    def of(cls, request: Request) -> "Search":
        query = request.query_params
        order = query.get("sort", "")
        return cls(
            words=query.get("q", "").strip()[:200],
            state=[name for name in STAGES if name in query.getlist("state")],
            force=query.get("force", "")[:100],
            kpi=query.get("kpi", "")[:100],
            category=query.get("category", "")[:100],
            order=order if order in ORDERS else "deadline",
        )

    @property
    def filter(self) -> dict[str, Any]:
        given = {
            "search": self.words,
            "state": [state.name for stage in self.state for state in STAGES[stage][1]],
            "force": [self.force] if self.force else None,
            "kpi": [self.kpi] if self.kpi else None,
            "category": [self.category] if self.category else None,
        }
        return {name: value for name, value in given.items() if value}


def variables(request: Request) -> Data:
    search = Search.of(request)
    order = ORDERS[search.order][1]
    return {"filter": search.filter, "orderBy": order, **page_of(request, PAGE_SIZE)}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    search = Search.of(request)
    inside = actor.may(Permission.REGISTER_READ)
    return {
        "search": search,
        "stages": {
            name: words for name, (words, _) in STAGES.items() if inside or name not in FOR_FORCES
        },
        "orders": {name: words for name, (words, _) in ORDERS.items()},
        "chosen": list(_chosen(search, data)),
        "posts": actor.may(Permission.CHALLENGE_POST),
    }


def _chosen(search: Search, data: Data) -> Iterator[dict[str, str]]:
    """The filters in use, each to be taken away by itself."""
    if search.words:
        yield {"name": "q", "value": search.words, "label": f"“{search.words}”"}
    for stage in search.state:
        yield {"name": "state", "value": stage, "label": STAGES[stage][0]}
    lists = {
        "force": {force["slug"]: force["name"] for force in data["forces"]},
        "kpi": {kpi["value"]: kpi["label"] for kpi in data["kpis"]},
        "category": {one["value"]: one["label"] for one in data["categories"]},
    }
    for name, labels in lists.items():
        value = getattr(search, name)
        if value:
            yield {"name": name, "value": value, "label": labels.get(value, value)}


PAGE = Page("challenges", "/challenges", variables=variables, context=context)
