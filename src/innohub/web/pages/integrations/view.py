"""A supplier's connections to its own systems."""

from typing import Any

from starlette.requests import Request

from innohub.errors import Denied
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.web.page import Data, Page
from innohub.web.pages.new_integration.subscription import told


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    if not actor.may(Permission.CONNECTION_READ):
        raise Denied("Integrations are for suppliers: they carry events into their own systems.")
    titles = {one.manifest.name: one.manifest.title for one in request.app.state.hub.registry}
    return {
        "integrations": data["integrations"]["nodes"],
        "titles": titles,
        "told": told,
        "several": len(actor.with_permission(Permission.CONNECTION_READ)) > 1,
        "manages": actor.may(Permission.CONNECTION_MANAGE),
    }


PAGE = Page("integrations", "/integrations", context=context, signed_in=True)
