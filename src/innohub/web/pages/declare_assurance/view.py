"""A supplier declares an item of assurance, or renews one."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.assurance import commands, service
from innohub.market.assurance.models import Classification
from innohub.web.documents import LARGEST_BODY
from innohub.web.page import Data, Page
from innohub.web.uploads import limits, upload

CLASSIFICATIONS = [
    {
        "value": Classification.OFFICIAL.value,
        "label": "OFFICIAL",
        "help": "Policing may read it here.",
    },
    {
        "value": Classification.OFFICIAL_SENSITIVE.value,
        "label": "OFFICIAL, marked SENSITIVE",
        "help": "Only its title and who keeps it are held here. Nothing of it is sent on.",
    },
]


def variables(request: Request) -> Data:
    return {"slug": request.path_params["slug"]}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    technology = data["technology"]
    actor.require(Permission.ASSURANCE_WRITE, identifiers.decode(technology["supplier"]["id"])[1])
    number = request.query_params.get("renews")
    older = (item for item in technology["assurance"]["nodes"] if str(item["number"]) == number)
    return {
        "technology": technology,
        "renews": next(older, None),
        "classifications": CLASSIFICATIONS,
        "options": _in_groups(data),
        **limits(),
    }


def _in_groups(data: Data) -> list[dict[str, str]]:
    """The types, each named with its group, in the order of the passport."""
    return [
        {"value": one["value"], "label": f"{group['label']}: {one['label']}"}
        for group in data["groups"]
        for one in data["types"]
        if one["group"] == group["value"]
    ]


PAGE = Page(
    "declare_assurance",
    "/listings/{slug}/assurance",
    variables=variables,
    needed=("technology",),
    context=context,
    actions={
        "declare": upload(
            commands.DeclareItem,
            service.declare_item,
            Permission.ASSURANCE_WRITE,
            required=False,
            then=lambda request, item: f"/assurance/{item.id}",
            done="The item is declared. An assurance officer will look at it.",
        )
    },
    signed_in=True,
    largest_body=LARGEST_BODY,
)
