"""The programs of the reader's organisation: seen, given new secrets, ended. A secret is in the
answer to the form and nowhere else."""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from innohub.db import identifiers
from innohub.identity.actor import Actor
from innohub.identity.commands import RevokeClient, RotateSecret
from innohub.identity.models import ClientProof
from innohub.identity.oauth import clients
from innohub.identity.oauth.clients import WithSecret
from innohub.identity.permissions import Permission, Scope
from innohub.web.authentication import caller_of, signature_of
from innohub.web.forms import DO, Sent, given_in
from innohub.web.page import Data, Page, step
from innohub.web.pages.authorise import words
from innohub.web.rendering import render

OVERLAPS = [
    ("168", "For a week, while you give the program the new one"),
    ("24", "For a day"),
    ("0", "Not at all: it leaked. Everything that it opened is closed at once"),
]
PROVES = {
    ClientProof.SECRET: "With a secret",
    ClientProof.KEY: "By signing with its key",
    ClientProof.NONE: "Not at all: it runs on people’s own computers",
}


async def variables(request: Request) -> Data:
    (await caller_of(request)).actor.require(Permission.CLIENT_MANAGE)
    return {}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    now = request.app.state.database.clock()
    return {
        "programs": [_told(one, now) for one in data["apiClients"]["nodes"]],
        "overlaps": OVERLAPS,
    }


def _told(one: Data, now: datetime) -> dict[str, Any]:
    older = one["olderSecretEndsAt"]
    overlaps = older is not None and datetime.fromisoformat(older) > now
    return {
        **one,
        "may": [words.OF_SCOPE[Scope(scope)] for scope in one["scopes"]],
        "proves": PROVES[ClientProof(one["proof"])]
        + (", and every token is bound to a key" if one["dpopBound"] else "")
        + (", and hands over beforehand what it asks of people" if one["parRequired"] else ""),
        "number": identifiers.decode(one["id"])[1],
        "overlaps": overlaps and one["revokedAt"] is None,
    }


async def rotate(request: Request, sent: Sent) -> Response:
    given = given_in({name: v for name, v in sent.items() if name != DO}, RotateSecret)
    if isinstance(hours := given.get("overlap_hours"), str) and hours.isascii() and hours.isdigit():
        given["overlap_hours"] = int(hours)
    command, caller = RotateSecret.parse(given), await caller_of(request)
    async with request.app.state.database.unit_of_work(signature_of(request, caller)) as work:
        made = await clients.rotate_secret(work, caller.actor, command)
    return shown_once(request, caller.actor, made)


def shown_once(request: Request, actor: Actor, made: WithSecret) -> Response:
    """The page with a new secret. Neither an address nor a cookie may carry it."""
    context = {"client": made.client, "secret": made.secret}
    return render(request, "pages/programs/secret.html", actor, context)


PAGE = Page(
    "programs",
    "/programs",
    variables=variables,
    context=context,
    actions={
        "rotate": rotate,
        "revoke": step(RevokeClient, clients.revoke_client, done="The program has ended."),
    },
    signed_in=True,
)
