"""The versions of a listing, and what changed between any two of them."""

from typing import Any

from starlette.requests import Request

from innohub.errors import NotFound
from innohub.identity.actor import Actor
from innohub.market.catalogue.parts import LABELS
from innohub.web.page import Data, Page

DRAFT = "draft"
"""In the address, in place of a number: what the supplier has not submitted yet."""


def variables(request: Request) -> Data:
    to = request.query_params.get("to", "")
    return {
        "slug": request.path_params["slug"],
        "since": _number(request.query_params.get("since", "")),
        "to": None if to == DRAFT else _number(to),
        "compares": bool(to),
    }


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    asked = variables(request)
    technology = data["technology"]
    if asked["compares"] and data["difference"] is None:
        raise NotFound("There is no such version.")
    numbers = [str(version["number"]) for version in technology["versions"]["nodes"]]
    ends = [(number, f"Version {number}") for number in numbers]
    if technology["draft"]:
        ends = [(DRAFT, "The draft"), *ends]
    current = technology["currentVersion"]
    since = asked["since"] if asked["since"] is not None else current and current["number"]
    return {
        "technology": technology,
        "difference": data.get("difference"),
        "since": since or 0,
        "to": asked["to"] or DRAFT if asked["compares"] else numbers[0] if numbers else "",
        "starts": [("0", "Nothing"), *((n, f"Version {n}") for n in numbers)],
        "ends": ends,
        "LABELS": LABELS,
    }


def _number(text: str) -> int | None:
    """Raises NotFound for what no version can be called."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise NotFound("There is no such version.")
    return int(text)


PAGE = Page(
    "versions",
    "/technologies/{slug}/versions",
    variables=variables,
    needed=("technology",),
    context=context,
)
