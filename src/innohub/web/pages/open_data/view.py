"""Everything that the hub gives away, in plain words."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.web.page import Data, Page
from innohub.web.wording import plural

KINDS = (
    ("challenge", "Challenges", "What forces need, who asks, the pilots for it and their results"),
    (
        "technology",
        "Technologies",
        "Pilots that answer no challenge, their results, and what the innovation board decided",
    ),
)
COUNTS = {"challenge": "challenges", "technology": "technologies"}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    settings = request.app.state.settings
    newest = data["newest"]["nodes"]
    return {
        "newest": newest[0] if newest else None,
        "kinds": [(*kind, data[COUNTS[kind[0]]]["totalCount"]) for kind in KINDS],
        "tables": _tables(data),
        "placeholder": settings.ocid_prefix_is_placeholder,
        "prefix": settings.ocid_prefix,
        "base_url": settings.base_url,
    }


def _tables(data: Data) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Each with what it tells, and where it is."""
    pilots = plural(data["registered"]["totalCount"], "registered pilot")
    return [
        (
            "The register of pilots",
            f"{pilots.capitalize()}: what each promised to measure, by when, and what came of it.",
            [("/register.csv", "CSV"), ("/register-codebook.csv", "Codebook")],
        ),
        (
            "Results",
            "The effect of each trial of a technology, and what they say together: on the page of "
            "its evidence, and of each pilot.",
            [("/technologies?verdict=worked", "Find a technology")],
        ),
    ]


PAGE = Page("open_data", "/open-data", context=context)
