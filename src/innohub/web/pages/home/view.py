"""The front door: what the hub is, what it found out lately, and what waits for the reader."""

from datetime import date, timedelta
from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.identity.models import OrganisationKind
from innohub.identity.permissions import Permission
from innohub.market.assurance.service import WARNINGS
from innohub.market.working_days import london_date
from innohub.web.authentication import caller_of
from innohub.web.own import own_slugs
from innohub.web.page import Data, Page
from innohub.web.pages.home.rounds import concerned
from innohub.web.pages.home.shared import LIVE
from innohub.web.pages.home.waiting import WATCHED, tasks


async def variables(request: Request) -> Data:
    actor = (await caller_of(request)).actor
    force = await own_slugs(request, OrganisationKind.FORCE)
    supplier = await own_slugs(request, OrganisationKind.SUPPLIER)
    return {
        "asForce": {"force": force, "state": WATCHED["force"]},
        "asSupplier": {"supplier": supplier, "state": WATCHED["supplier"]},
        "ofForce": {"takingPart": force, "state": LIVE},
        "ofSupplier": {"supplier": supplier, "state": LIVE},
        "isForce": bool(force),
        "isSupplier": bool(supplier),
        "own": supplier,
        "soon": (_today(request) + timedelta(days=max(WARNINGS))).isoformat(),
        "keepsAssurance": bool(supplier) and actor.may(Permission.ASSURANCE_WRITE),
        "isConcernedInRounds": concerned(actor),
        "advises": actor.may(Permission.PILOT_ADVISE),
        "isOfficer": actor.may(Permission.ASSURANCE_VERIFY),
        "listings": actor.may(Permission.LISTING_REVIEW) or actor.may(Permission.LISTING_EDIT),
    }


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    return {"tasks": tasks(actor, data, _today(request))}


def _today(request: Request) -> date:
    return london_date(request.app.state.database.clock())


PAGE = Page("home", "/", variables=variables, context=context)
