"""A program that is registered already, changed."""

from typing import Any

from starlette.requests import Request

from innohub.errors import NotFound
from innohub.identity.actor import Actor
from innohub.identity.commands import ChangeClient
from innohub.identity.models import ClientProof, OAuthClient
from innohub.identity.oauth import changing
from innohub.web.page import Data, Page, step
from innohub.web.pages.new_program import asking
from innohub.web.reading import global_id

PROVES = {
    ClientProof.SECRET: "with its secret",
    ClientProof.KEY: "by signing with its key",
    ClientProof.NONE: "not at all, because it runs on people’s own computers",
}


def variables(request: Request) -> Data:
    return {"id": global_id("ApiClient", request.path_params["number"])}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    """Raises NotFound for a program that has ended."""
    program = data["program"]
    if program["revokedAt"] is not None:
        raise NotFound("This program has ended.")
    return {
        "program": program,
        "proves": PROVES[ClientProof(program["proof"])],
        "scopes": asking.scopes(actor),
        "bound": asking.BOUND,
        "pushed": asking.PUSHED,
    }


def _to_the_list(request: Request, client: OAuthClient) -> str:
    return f"/programs#{global_id('ApiClient', client.id)}"


PAGE = Page(
    "program",
    "/programs/{number:int}",
    variables=variables,
    needed=("program",),
    context=context,
    actions={
        "change": step(
            ChangeClient,
            changing.change_client,
            prepare=asking.understood,
            done=lambda client: f"{client.name} is changed.",
            then=_to_the_list,
        )
    },
    signed_in=True,
)
