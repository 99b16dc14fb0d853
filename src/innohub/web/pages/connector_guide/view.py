"""What a supplier's administrator sets up on their side, connector by connector. For everybody: the
one who does it over there need not have an account here."""

from typing import Any

from starlette.requests import Request

from innohub.hub.wiring import Hub
from innohub.identity.actor import Actor
from innohub.web.guides import as_page
from innohub.web.page import Data, Page


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    """Raises NotFound for a connector that this hub does not have."""
    hub: Hub = request.app.state.hub
    connector = hub.registry.get(request.path_params["connector"])
    return {
        "manifest": connector.manifest,
        "guide": as_page(connector.readme),
        "redirect_uri": hub.redirect_uri,
    }


PAGE = Page("connector_guide", "/integrations/guides/{connector}", context=context)
