"""The forces of today, by region."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.web.page import Data, Page


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    by_region = [
        (region["label"], [f for f in data["forces"] if f["region"] == region["value"]])
        for region in data["regions"]
    ]
    placed = {region["value"] for region in data["regions"]}
    others = [force for force in data["forces"] if force["region"] not in placed]
    return {
        "regions": [(label, forces) for label, forces in [*by_region, ("Others", others)] if forces]
    }


PAGE = Page("forces", "/forces", context=context)
