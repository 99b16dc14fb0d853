"""Everything that the hub gives away, in plain words."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.identity.actor import Actor
from innohub.identity.models import OrganisationKind
from innohub.identity.permissions import Permission
from innohub.market.open_data import service as open_data
from innohub.web.authentication import caller_of
from innohub.web.page import Data, Page, step
from innohub.web.wording import plural

KINDS = (
    ("challenge", "Challenges", "What forces need, who asks, the pilots for it and their results"),
    (
        "technology",
        "Technologies",
        "Pilots that answer no challenge, their results, and what the innovation board decided",
    ),
    ("pool", "Pools", "What forces buy together: the call for quotes, the award, each call-off"),
)
COUNTS = {"challenge": "challenges", "technology": "technologies", "pool": "pools"}


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
            "Prices paid",
            f"{plural(data['prices']['totalCount'], 'call-off').capitalize()}: what each force "
            "ordered, from whom, and what it paid.",
            [("/prices-paid.csv", "CSV"), ("/prices-paid-codebook.csv", "Codebook")],
        ),
        (
            "Results",
            "The effect of each trial of a technology, and what they say together: on the page of "
            "its evidence, and of each pilot.",
            [("/technologies?verdict=worked", "Find a technology")],
        ),
        (
            "Algorithmic transparency",
            "A part-filled record of the Algorithmic Transparency Recording Standard (ATRS), for "
            "each listing in which artificial intelligence plays a part: on its page.",
            [("/technologies?category=ai_model", "Find a technology")],
        ),
    ]


def _own(actor: Actor) -> str:
    """The organisation whose numbers the reader keeps; of a stranger, one that no row has."""
    held = actor.with_permission(Permission.ORGANISATION_IDENTIFY)
    kind = "Force" if set(held) & set(actor.organisations(OrganisationKind.FORCE)) else "Supplier"
    return identifiers.encode(kind, held[0] if held else identifiers.LARGEST)


async def variables(request: Request) -> Data:
    return {"own": _own((await caller_of(request)).actor)}


PAGE = Page(
    "open_data",
    "/open-data",
    variables=variables,
    context=context,
    actions={
        "identify": step(
            open_data.IdentifyOrganisation,
            open_data.identify,
            done="The numbers are saved. The next releases name your organisation by them.",
        )
    },
)
