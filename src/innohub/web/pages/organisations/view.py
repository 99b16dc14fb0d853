"""An operator's organisations: how each signs in, and new ones."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.identity import directory
from innohub.identity.actor import Actor
from innohub.identity.commands import AddOrganisation
from innohub.identity.models import OrganisationKind
from innohub.identity.permissions import Permission
from innohub.web.page import Data, Page, step
from innohub.web.paging import page_of

PAGE_SIZE = 50
KINDS = [
    (OrganisationKind.SUPPLIER, "A supplier"),
    (OrganisationKind.FORCE, "A force"),
    (OrganisationKind.BOARD, "A board"),
    (OrganisationKind.COMPANY, "The company"),
    (OrganisationKind.INDEPENDENT, "Independent advisers"),
]


def variables(request: Request) -> Data:
    return page_of(request, PAGE_SIZE)


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    actor.require(Permission.ORGANISATION_MANAGE)
    return {
        "kinds": [(kind.value, words) for kind, words in KINDS],
        "number": lambda id: identifiers.decode(id)[1],
    }


def _ticked(given: dict[str, Any]) -> dict[str, Any]:
    return {**given, "passwords_allowed": given.get("passwords_allowed") == "yes"}


PAGE = Page(
    "organisations",
    "/organisations",
    variables=variables,
    context=context,
    actions={
        "add": step(
            AddOrganisation,
            directory.add_organisation,
            prepare=_ticked,
            done=lambda one: f"{one.name} is added. Set up how its people sign in.",
            then=lambda _, one: f"/organisations/{one.id}/sign-in",
        ),
    },
    signed_in=True,
)
