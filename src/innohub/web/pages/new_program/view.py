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
from innohub.identity.oauth.clients import SCOPES_OF_KIND
from innohub.identity.permissions import Permission
from innohub.web.authentication import caller_of, signature_of
from innohub.web.forms import DO, Sent, given_in
from innohub.web.page import Data, Page
from innohub.web.pages.authorise import words
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
        "help": "For a program on people's own computers. It acts for people only.",
    },
]
BOUND = [("false", "No"), ("true", "Yes: a stolen token alone is worth nothing (DPoP)")]


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
    held = [seat for seat in actor.seats if Permission.CLIENT_MANAGE in seat.permissions]
    allowed = {scope for seat in held for scope in SCOPES_OF_KIND[seat.kind]}
    return {
        "organisations": [(one["id"], one["name"]) for one in data["organisations"] if one],
        "scopes": [
            (scope.value, text[0].upper() + text[1:])
            for scope, text in words.OF_SCOPE.items()
            if scope in allowed
        ],
        "proofs": PROOFS,
        "bound": BOUND,
    }


async def register(request: Request, sent: Sent) -> Response:
    given = given_in({name: v for name, v in sent.items() if name != DO}, RegisterClient)
    for lines in ("redirect_uris", "post_logout_redirect_uris"):
        given[lines] = [line for text in given.get(lines, []) for line in text.split()]
    if given.get("dpop_bound") in ("true", "false"):
        given["dpop_bound"] = given["dpop_bound"] == "true"
    command, caller = RegisterClient.parse(given), await caller_of(request)
    async with request.app.state.database.unit_of_work(signature_of(request, caller)) as work:
        made = await clients.register_client(work, caller.actor, command)
    return shown_once(request, caller.actor, made)


PAGE = Page(
    "new_program",
    "/programs/new",
    variables=variables,
    context=context,
    actions={"register": register},
    signed_in=True,
)
