"""The reader's saved searches, and the locked ones of their force."""

from starlette.requests import Request

from innohub.market.finding import commands, service
from innohub.web.authentication import caller_of
from innohub.web.page import Data, Page, step


async def variables(request: Request) -> Data:
    return {"isPerson": (await caller_of(request)).actor.person_id is not None}


PAGE = Page(
    "searches",
    "/searches",
    variables=variables,
    actions={
        "delete": step(
            commands.DeleteSavedSearch,
            service.delete_saved_search,
            done="The saved search is deleted. You are told no more of it.",
        ),
    },
    signed_in=True,
)
