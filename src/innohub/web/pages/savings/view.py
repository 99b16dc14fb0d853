"""What policing saved by buying together: class by class, force by force, against the spend."""

from typing import Any

from starlette.requests import Request

from innohub.errors import Denied
from innohub.identity.actor import Actor
from innohub.identity.models import OrganisationKind
from innohub.identity.permissions import Permission
from innohub.web.own import own_slugs
from innohub.web.page import Data, Page
from innohub.web.pages.savings.table import columns, lines
from innohub.web.pages.savings.words import CLASSES
from innohub.web.paging import page_of

PAGE_SIZE = 20


async def variables(request: Request) -> Data:
    own = await own_slugs(request, OrganisationKind.FORCE)
    return {"own": own or [""], **page_of(request, PAGE_SIZE)}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    if not actor.may(Permission.SAVINGS_READ):
        raise Denied("Savings are for forces, the company and the board.")
    found = columns(data)
    spent = data["spentByForce"]
    return {
        "columns": found,
        "lines": lines(data, found),
        "due": sum(row["duePence"] for row in spent),
        "paid": sum(row["paidPence"] for row in spent),
        "classes": {kind: name for kind, (name, _) in CLASSES.items()},
        "to_claim": [one for one in data["bought"]["nodes"] if one["toClaim"]],
    }


PAGE = Page("savings", "/savings", variables=variables, context=context, signed_in=True)
