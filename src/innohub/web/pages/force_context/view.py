"""A force's innovation lead keeps its context sheet."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.errors import Denied
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.assurance.models import Classification
from innohub.market.forces import commands
from innohub.market.forces import service as forces
from innohub.market.forces.models import ForceSize, Network, Vetting
from innohub.web.page import Data, Page, step
from innohub.web.wording import words

SIZES = {
    ForceSize.SMALL: "Under 1,500 officers",
    ForceSize.MEDIUM: "1,500 to 2,499 officers",
    ForceSize.LARGE: "2,500 to 4,999 officers",
    ForceSize.VERY_LARGE: "5,000 officers and more",
}


def variables(request: Request) -> Data:
    return {"slug": request.path_params["slug"]}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    force = data["force"]
    if not actor.may(Permission.CONTEXT_WRITE, identifiers.decode(force["id"])[1]):
        raise Denied("Only a force's own innovation lead keeps its context sheet.")
    return {
        "force": force,
        "sheet": force["context"] or {},
        "groups": data["groups"],
        "hosting": data["hosting"],
        "sizes": [(size.value, text) for size, text in SIZES.items()],
        "networks": [(network.value, words(network)) for network in Network],
        "classifications": [(level.value, words(level)) for level in Classification],
        "vetting": [(level.value, words(level)) for level in Vetting],
    }


def _to_the_force(request: Request, _: Any) -> str:
    return f"/forces/{request.path_params['slug']}#context"


def _with_lists(given: dict[str, Any]) -> dict[str, Any]:
    """Boxes left unticked empty their list; the form sends them as nothing at all."""
    return {"networks": [], "hosting_policy": [], **given}


PAGE = Page(
    "force_context",
    "/forces/{slug}/context",
    variables=variables,
    needed=("force",),
    named_by="force",
    context=context,
    actions={
        "write": step(
            commands.WriteContext,
            forces.write_context,
            prepare=_with_lists,
            then=_to_the_force,
            done="The context sheet is saved. Peers and warnings follow it from now on.",
        )
    },
    signed_in=True,
)
