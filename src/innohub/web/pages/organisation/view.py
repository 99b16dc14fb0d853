"""One organisation, for an operator: its name and place, what it was before, and who moves."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from innohub.errors import Invalid, NotFound
from innohub.identity.actor import Actor
from innohub.identity.organisations.changing import change_organisation
from innohub.identity.organisations.commands import (
    ChangeOrganisation,
    ForceKind,
    MovePerson,
    Nation,
)
from innohub.identity.organisations.moving import move_person
from innohub.identity.permissions import Permission
from innohub.market.working_days import london_date
from innohub.web.forms import Sent
from innohub.web.page import Data, Page, step
from innohub.web.reading import Document, global_id, read

TYPES = ("Force", "Supplier", "Body")
KINDS = {
    ForceKind.TERRITORIAL: "Territorial",
    ForceKind.NATIONAL_TERRITORIAL: "Of a whole nation",
    ForceKind.SPECIAL: "With a special remit",
    ForceKind.NATIONAL_AGENCY: "A national agency",
    ForceKind.NON_VOTING_OBSERVER: "An observer without a vote",
}
NATIONS = {
    Nation.ENGLAND: "England",
    Nation.WALES: "Wales",
    Nation.SCOTLAND: "Scotland",
    Nation.NORTHERN_IRELAND: "Northern Ireland",
    Nation.UK_WIDE: "Across the UK",
}
NAMED = Document(
    "query Named($slug: String!) { force(slug: $slug) { id } supplier(slug: $slug) { id } }",
    "named",
)


def variables(request: Request) -> Data:
    return {"ids": [global_id(kind, request.path_params["number"]) for kind in TYPES]}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    actor.require(Permission.ORGANISATION_MANAGE)
    organisation = next((one for one in data["nodes"] if one), None)
    if organisation is None:
        raise NotFound("This organisation does not exist.")
    last_day = organisation.get("validTo")
    return {
        "organisation": organisation,
        "over": last_day and last_day < london_date(request.app.state.database.clock()).isoformat(),
        "number": request.path_params["number"],
        "kinds": [(kind.value, words) for kind, words in KINDS.items()],
        "nations": [(nation.value, words) for nation, words in NATIONS.items()],
        "labels": {region["value"]: region["label"] for region in data["regions"]},
        "page": {"Force": "/forces/", "Supplier": "/suppliers/"}.get(organisation["__typename"]),
    }


_move = step(
    MovePerson, move_person, done=lambda joined: f"They are in {joined.name} now, with their roles."
)


async def move(request: Request, sent: Sent) -> Response:
    """The form names the other organisation by its short name: there are too many to choose of."""
    named = await read(request, NAMED, {"slug": str(sent.get("to_id", [""])[-1]).strip()})
    found = named["force"] or named["supplier"]
    if found is None:
        raise Invalid("No organisation has this short name.", field="to_id")
    return await _move(request, {**sent, "to_id": [found["id"]]})


PAGE = Page(
    "organisation",
    "/organisations/{number:int}",
    variables=variables,
    context=context,
    actions={
        "change": step(
            ChangeOrganisation,
            change_organisation,
            done=lambda one: f"{one.name} is changed. Its old address leads to the new one.",
        ),
        "move": move,
    },
    signed_in=True,
)
