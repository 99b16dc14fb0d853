"""Up to four technologies side by side: their facts, what forces think, what was found out."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from innohub.db import identifiers
from innohub.identity.actor import Actor
from innohub.web.authentication import caller_of
from innohub.web.page import Data, Page
from innohub.web.pages.compare.effects import shared_measures
from innohub.web.pages.compare.facts import groups
from innohub.web.peers import own_force

PLACES = ("first", "second", "third", "fourth")
TECHNOLOGY = "technology"


def wanted(request: Request) -> list[str]:
    """The slugs that the address names, each once, in their order."""
    named = request.query_params.getlist(TECHNOLOGY)
    return list(dict.fromkeys(slug for slug in named if slug))


def address_of(slugs: Sequence[str]) -> str:
    """The address that compares these."""
    return "/compare" + (f"?{urlencode([(TECHNOLOGY, slug) for slug in slugs])}" if slugs else "")


def search_with(slugs: Sequence[str]) -> str:
    """The search for one more to compare with these."""
    return "/technologies" + (f"?{urlencode([('compare', slug) for slug in slugs])}")


async def variables(request: Request) -> Data:
    slugs = wanted(request)[: len(PLACES)]
    force = own_force((await caller_of(request)).actor)
    nobody = identifiers.encode("Force", identifiers.LARGEST)
    return {
        "like": {"forcesLike": force or nobody},
        # No technology has an empty slug.
        **{place: slugs[at] if at < len(slugs) else "" for at, place in enumerate(PLACES)},
    }


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    found: list[Mapping[str, Any]] = [data[place] for place in PLACES if data[place]]
    slugs = [technology["slug"] for technology in found]
    named = wanted(request)
    return {
        "technologies": found,
        "unknown": len(named[: len(PLACES)]) - len(found),
        "too_many": max(len(named) - len(PLACES), 0),
        "without_one": {
            slug: address_of([other for other in slugs if other != slug]) for slug in slugs
        },
        "add": search_with(slugs) if len(slugs) < len(PLACES) else None,
        "groups": groups(found, data, has_force=own_force(actor) is not None),
        "measures": shared_measures(found),
    }


PAGE = Page("compare", "/compare", variables=variables, context=context)
