"""A force's people lock a search: choose from its results, and say why."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from innohub.errors import Invalid
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.finding import commands, service
from innohub.web.forms import Sent
from innohub.web.page import Data, Page, step
from innohub.web.pages.technologies.view import Search, asked_in, filter_of


async def variables(request: Request) -> Data:
    search, asked = Search.of(request), await filter_of(request)
    if not asked:
        raise Invalid("Search first: say what to look for, in words or by filters.")
    return {
        "filter": asked,
        "orderBy": "RELEVANCE" if search.text else "EVIDENCE",
        "search": search.text,
    }


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    actor.require(Permission.SEARCH_LOCK)
    return {"search": Search.of(request)}


async def lock(request: Request, sent: Sent) -> Response:
    """What is asked stands in the address; the form adds the choice and the reason."""
    asked = await asked_in(request)
    perform = step(
        commands.LockSearch,
        service.lock_search,
        prepare=lambda given: {**given, "criteria": asked},
        then=lambda _, locked: f"/searches/{locked.id}",
        done="The search is locked. This record does not change again.",
    )
    return await perform(request, sent)


PAGE = Page(
    "lock_search",
    "/searches/lock",
    variables=variables,
    context=context,
    actions={"lock": lock},
    signed_in=True,
)
