"""Where reviewers of the catalogue keep the words of policing that searches use."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.finding import commands, service
from innohub.web.page import Data, Page, step
from innohub.web.paging import page_of

PAGE_SIZE = 30
USES = [
    ("alike", "They stand for each other"),
    ("little", "They say little: leave them out where a search has other words"),
]


def variables(request: Request) -> Data:
    return page_of(request, PAGE_SIZE)


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    actor.require(Permission.SYNONYM_EDIT)
    return {"uses": USES}


def _line_by_line(given: dict[str, Any]) -> dict[str, Any]:
    """The form asks for one word or phrase on each line."""
    words = given.get("words", "")
    lines = words if isinstance(words, list) else [words]
    apart = [line.strip() for text in lines for line in str(text).splitlines()]
    return {**given, "words": [line for line in apart if line]}


PAGE = Page(
    "synonyms",
    "/synonyms",
    variables=variables,
    context=context,
    actions={
        "add": step(
            commands.AddSynonyms,
            service.add_synonyms,
            prepare=_line_by_line,
            done="Searches use these words from now on.",
        ),
        "change": step(
            commands.ChangeSynonyms,
            service.change_synonyms,
            prepare=_line_by_line,
            done="The words are changed, and searches use them.",
        ),
        "retire": step(
            commands.RetireSynonyms,
            service.retire_synonyms,
            done="No search uses these words any longer.",
        ),
    },
    signed_in=True,
)
