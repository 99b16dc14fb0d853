"""One import: how far it is, what became of each item, and the same as a file."""

from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from innohub.errors import NotFound
from innohub.identity.actor import Actor
from innohub.web.downloads import Column, csv_file
from innohub.web.page import Data, Page
from innohub.web.paging import page_of
from innohub.web.reading import global_id, read

PAGE_SIZE = 50
MOST_AT_ONCE = 100
"""Items a read, for the file."""
COLUMNS = (
    Column("position", "Its place in what was sent"),
    Column("reference", "The supplier's own reference"),
    Column("outcome", "What became of it"),
    Column("submitted", "Whether it went to the reviewers", "True or False"),
    Column("listing", "The listing's name in addresses"),
    Column("problems", "Why it was refused"),
)


def variables(request: Request) -> Data:
    id = global_id("CatalogueImport", request.path_params["number"])
    return {"id": id, **page_of(request, PAGE_SIZE)}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    one = data["one"]
    return {"one": one, "done": one["total"] - one["waiting"]}


async def outcome_file(request: Request) -> Response:
    """Every item and its outcome as CSV. Raises NotFound where the import is not the reader's."""
    rows = [
        {
            "position": item["position"],
            "reference": str(item["reference"]),
            "outcome": item["outcome"].lower(),
            "submitted": str(item["submitted"]),
            "listing": item["technology"]["slug"] if item["technology"] else "",
            "problems": "; ".join(_sentence(problem) for problem in item["problems"]),
        }
        async for item in _items(request)
    ]
    return csv_file(f"import-{request.path_params['number']}", COLUMNS, rows)


async def _items(request: Request) -> AsyncIterator[Any]:
    assert PAGE.document is not None
    id = global_id("CatalogueImport", request.path_params["number"])
    after = None
    while True:
        given = {"id": id, "first": MOST_AT_ONCE, "after": after}
        one = (await read(request, PAGE.document, given))["one"]
        if one is None:
            raise NotFound("This file does not exist.")
        for item in one["items"]["nodes"]:
            yield item
        if not one["items"]["pageInfo"]["hasNextPage"]:
            return
        after = one["items"]["pageInfo"]["endCursor"]


def _sentence(problem: Any) -> str:
    return f"{problem['field']}: {problem['message']}" if problem["field"] else problem["message"]


OUTCOME = Route("/imports/{number:int}/outcome.csv", outcome_file, name="import_outcome")
PAGE = Page(
    "import_",
    "/imports/{number:int}",
    variables=variables,
    needed=("one",),
    context=context,
    signed_in=True,
)
