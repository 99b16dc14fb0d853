"""Where assurance is worked on: the officer's queue, the supplier's items, and what waits for the
answer of a force."""

from typing import Any

from starlette.requests import Request

from innohub.errors import Denied
from innohub.identity.actor import Actor
from innohub.identity.models import OrganisationKind
from innohub.identity.permissions import Permission
from innohub.web.authentication import caller_of
from innohub.web.own import own_slugs
from innohub.web.page import Data, Page
from innohub.web.paging import page_of

PAGE_SIZE = 25


async def variables(request: Request) -> Data:
    actor = (await caller_of(request)).actor
    own = await own_slugs(request, OrganisationKind.SUPPLIER)
    reviews = actor.may(Permission.ASSURANCE_RESPOND)
    force = await own_slugs(request, OrganisationKind.FORCE) if reviews else []
    return {
        "own": own,
        "force": force,
        "isSupplier": bool(own),
        "isOfficer": actor.may(Permission.ASSURANCE_VERIFY),
        "isReviewer": bool(force),
        **page_of(request, PAGE_SIZE),
    }


async def _reading(request: Request) -> Data:
    found = await variables(request)
    request.state.own_forces = found["force"]
    return found


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    if not data:
        raise Denied("Assurance is worked on by suppliers, officers and forces’ reviewers.")
    return {
        "own": [
            {**item, "renewed": any(r["status"] in HELD for r in item["renewals"]["nodes"])}
            for item in data.get("own", NOTHING)["nodes"]
        ],
        "unanswered": _unanswered(data.get("pilots", NOTHING)["nodes"], request.state.own_forces),
    }


NOTHING: dict[str, Any] = {"nodes": []}
HELD = frozenset({"DECLARED", "EVIDENCE_UPLOADED", "VERIFIED"})


def _unanswered(pilots: list[Any], own: list[str]) -> list[dict[str, Any]]:
    """Verified items of the technologies that the force pilots, which it has not answered."""
    technologies = {p["technology"]["slug"]: p["technology"] for p in pilots if p["technology"]}
    found = [
        {**item, "technology": technology}
        for technology in technologies.values()
        for item in technology["assurance"]["nodes"]
        if not {answer["force"]["slug"] for answer in item["responses"]} & set(own)
    ]
    return sorted(found, key=lambda item: (item["technology"]["name"], item["label"]))


PAGE = Page("assurance", "/assurance", variables=_reading, context=context, signed_in=True)
