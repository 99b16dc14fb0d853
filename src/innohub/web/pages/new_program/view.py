"""Registering a program. Its secret is in the answer to the form and nowhere else."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from innohub.db import identifiers
from innohub.graphql.types.viewer import KINDS
from innohub.identity.actor import Actor
from innohub.identity.commands import RegisterClient
from innohub.identity.models import ClientProof
from innohub.identity.oauth import clients
from innohub.identity.permissions import Permission
from innohub.web.authentication import caller_of, signature_of
from innohub.web.forms import DO, Sent, given_in
from innohub.web.page import Data, Page
from innohub.web.pages.new_program import asking
from innohub.web.pages.programs.view import shown_once

PROOFS = [
    {
        "value": ClientProof.SECRET.value,
        "label": "With a secret",
        "help": "For a server of yours. You get the secret on the next page.",
    },
    {
        "value": ClientProof.KEY.value,
        "label": "By signing with its own key",
        "help": "The strongest: nothing secret ever leaves your server (private_key_jwt).",
    },
    {
        "value": ClientProof.NONE.value,
        "label": "Not at all",
        "help": "For a program on people’s own computers. It acts for people only.",
    },
]

PLACES = [
    {
        "value": "false",
        "label": "The market",
        "help": "For a program that is ready: what it does counts.",
    },
    {
        "value": "true",
        "label": "The sandbox",
        "help": "For a program that you are still building: invented data, and nothing it does is "
        "seen in the market. When it is ready, register it again for the market.",
    },
]


async def variables(request: Request) -> Data:
    actor = (await caller_of(request)).actor
    actor.require(Permission.CLIENT_MANAGE)
    held = [seat for seat in actor.seats if Permission.CLIENT_MANAGE in seat.permissions]
    return {
        "organisations": [
            identifiers.encode(KINDS[seat.kind], seat.organisation_id) for seat in held
        ]
    }


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    return {
        "organisations": [(one["id"], one["name"]) for one in data["organisations"] if one],
        "scopes": asking.scopes(actor),
        "proofs": PROOFS,
        "bound": asking.BOUND,
        "pushed": asking.PUSHED,
        "has_sandbox": request.app.state.hub.sandbox,
        "places": PLACES,
    }


async def register(request: Request, sent: Sent) -> Response:
    given = given_in({name: v for name, v in sent.items() if name != DO}, RegisterClient)
    command, caller = RegisterClient.parse(asking.understood(given)), await caller_of(request)
    async with request.app.state.database.unit_of_work(signature_of(request, caller)) as work:
        made = await clients.register_client(
            work, caller.actor, command, sandbox_open=request.app.state.hub.sandbox
        )
    return shown_once(request, caller.actor, made)


PAGE = Page(
    "new_program",
    "/programs/new",
    variables=variables,
    context=context,
    actions={"register": register},
    signed_in=True,
)
