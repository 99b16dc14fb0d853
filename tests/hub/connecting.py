"""Connectors that ask for tokens in a certain way, and connections over them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from innohub.db.unit_of_work import Database
from innohub.hub.connectors.grants import Grant
from innohub.hub.connectors.manifest import Connector, FieldMapping, Manifest
from innohub.hub.connectors.registry import Registry
from innohub.hub.wiring import Hub
from tests.hub.scene import Supplied, a_connection

NAME = "records"
SETTINGS = ("endpoint", "token_url", "authorise_url", "client_id", "audience")


def manifest(
    authorise: Mapping[str, Any], *secrets: str, url: str = "{config.endpoint}"
) -> Manifest:
    named = {"token_url": "{config.token_url}", "client_id": "{config.client_id}", **authorise}
    return Manifest.model_validate(
        {
            "name": NAME,
            "title": "Records",
            "summary": "Keeps records.",
            "promise": "at_least_once",
            "settings": [{"name": n, "title": n, "required": False} for n in SETTINGS],
            "secrets": [{"name": name, "title": name} for name in secrets],
            "authorise": {name: value for name, value in named.items() if value is not None},
            "write": {"method": "POST", "url": url},
            "answers": {"ok": ["2xx"], "auth_expired": [401]},
        }
    )


def with_connector(
    hub: Hub, authorise: Mapping[str, Any], *secrets: str, url: str = "{config.endpoint}"
) -> Hub:
    """The hub with this one connector more."""
    made = Connector(
        manifest(authorise, *secrets, url=url), FieldMapping(body={"type": "{event.type}"}), ""
    )
    return replace(
        hub, registry=Registry({**{c.manifest.name: c for c in hub.registry}, NAME: made})
    )


def grant_of(hub: Hub) -> Grant:
    grant = hub.registry.get(NAME).manifest.authorise
    assert grant is not None
    return grant


async def connected(
    database: Database, hub: Hub, *, secrets: Mapping[str, str], **config: str
) -> Supplied:
    """A connection over the connector."""
    return await a_connection(
        database, hub, "", connector=NAME, config=config, secrets=dict(secrets)
    )
