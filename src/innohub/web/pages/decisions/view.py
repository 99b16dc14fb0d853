"""Five decisions on a page: what waits for a force's leadership, the most urgent first."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.market.decisions import service
from innohub.market.decisions.commands import TakeBackDecision
from innohub.market.decisions.models import DecisionSection
from innohub.market.decisions.sources import SOURCES
from innohub.market.decisions.sources.shape import Source
from innohub.market.decisions.waiting import MOST
from innohub.market.working_days import london_date
from innohub.web.page import Data, Page, step

SECTIONS = {
    DecisionSection.DECIDE: ("Decide", "What begins or goes on by your word."),
    DecisionSection.RISK: ("Risk", "What does harm while it is left."),
    DecisionSection.OPPORTUNITY: ("Opportunity", "What you can join until its day."),
}
LONGEST = 100
"""As many as one answer of the API holds."""


def variables(request: Request) -> Data:
    return {"first": LONGEST if shows_all(request) else MOST}


def shows_all(request: Request) -> bool:
    return "all" in request.query_params


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    waiting = data["decisions"]["nodes"]
    sections = [
        (section, *words, [one for one in waiting if one["section"] == section.name])
        for section, words in SECTIONS.items()
    ]
    return {
        "sections": [section for section in sections if section[3]],
        "left": data["decisions"]["totalCount"] - len(waiting),
        "acts": acts_by_kind(),
        "shows_all": shows_all(request),
        "passed_on_now": [one for one in data["delegations"]["nodes"] if not one["mine"]],
        "today": london_date(request.app.state.database.clock()).isoformat(),
    }


def acts_by_kind() -> dict[str, Source]:
    """What can be done, by the kind of decision in GraphQL's names."""
    return {kind.name: source for kind, source in SOURCES.items()}


PAGE = Page(
    "decisions",
    "/decisions",
    variables=variables,
    context=context,
    actions={
        "take_back": step(
            TakeBackDecision, service.take_back, done="You took it back: it is yours to decide."
        )
    },
    signed_in=True,
)
