"""The assurance passport of a technology: what is verified for all, and what each force makes of
it."""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.web.page import Data, Page

PAST = frozenset({"SUPERSEDED", "REJECTED", "EXPIRED"})


def variables(request: Request) -> Data:
    return {"slug": request.path_params["slug"]}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    technology = data["technology"]
    items = technology["assurance"]["nodes"]
    supplier = identifiers.decode(technology["supplier"]["id"])[1]
    return {
        "technology": technology,
        "groups": _groups(data["groups"], items),
        "past": [item for item in items if item["status"] == "SUPERSEDED"],
        "forces": _forces(items),
        "can": {"declare": actor.may(Permission.ASSURANCE_WRITE, supplier)},
    }


def _groups(
    groups: Iterable[Mapping[str, Any]], items: list[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The groups that hold something, in their order; what was replaced stands elsewhere."""
    found = (
        {
            "label": group["label"],
            "items": [
                item
                for item in items
                if item["group"] == group["value"] and item["status"] != "SUPERSEDED"
            ],
        }
        for group in groups
    )
    return [group for group in found if group["items"]]


def _forces(items: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each force that answered something that counts today, with its answers by item."""
    found: dict[str, dict[str, Any]] = {}
    for item in items:
        if item["status"] in PAST:
            continue
        for answer in item["responses"]:
            force = answer["force"]
            row = found.setdefault(force["slug"], {"force": force, "answers": {}})
            row["answers"][item["number"]] = answer
    return sorted(found.values(), key=lambda row: row["force"]["name"])


PAGE = Page(
    "passport",
    "/technologies/{slug}/assurance",
    variables=variables,
    needed=("technology",),
    context=context,
)
