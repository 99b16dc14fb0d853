"""API clients of two suppliers and a force, and one connection that its supplier has paused."""

import secrets
from collections.abc import Iterator
from functools import partial

from pydantic import SecretStr

from innohub.hub import service as hub
from innohub.hub.commands import CreateConnection, PauseConnection
from innohub.identity.actor import SYSTEM
from innohub.identity.commands import RegisterClient
from innohub.identity.models import Role
from innohub.identity.oauth.clients import register_client
from innohub.identity.permissions import Scope
from innohub.seed.telling.stage import Stage
from innohub.seed.telling.timetable import AFTERNOON, MORNING, Step

CLIENTS_DAY = -60
CONNECTION_DAY = -45
SUPPLIERS = ("plovergate", "ottersby")
FORCE = "westmarch"
CONNECTED = "ottersby"
SUPPLIER_SCOPES = frozenset(
    {
        Scope.ASSURANCE_WRITE,
        Scope.CHALLENGES_RESPOND,
        Scope.EVENTS_SUBSCRIBE,
        Scope.LISTINGS_READ,
        Scope.LISTINGS_WRITE,
        Scope.PILOTS_READ_OWN,
        Scope.PILOTS_RESPOND,
        Scope.RESULTS_READ_OWN_PUBLISHED,
    }
)
FORCE_SCOPES = frozenset(
    {
        Scope.LISTINGS_READ,
        Scope.PILOTS_READ_OWN,
        Scope.RESULTS_READ_OWN_PUBLISHED,
        Scope.RESULTS_WRITE,
    }
)
WHY_PAUSED = (
    "Our side is not ready: the address that receives the events is invented. What lines up here "
    "waits until this connection is resumed."
)


def integration_steps(stage: Stage) -> Iterator[Step]:
    """What machines need to call in and to be called."""
    for slug in (*SUPPLIERS, FORCE):
        what = f"A client of {stage.story.name_of(slug)} is registered"
        yield Step(CLIENTS_DAY + MORNING, what, partial(_register, stage, slug))
    what = f"{stage.story.name_of(CONNECTED)} connects a system"
    yield Step(CONNECTION_DAY + AFTERNOON, what, partial(_connect, stage))


async def _register(stage: Stage, slug: str) -> None:
    is_force = slug == FORCE
    # No role of a force registers clients yet: the hub does it for them.
    actor = SYSTEM if is_force else stage.holder(slug, Role.SUPPLIER_ADMIN)
    command = RegisterClient(
        organisation_id=stage.organisations[slug].id,
        name=f"API client of {stage.story.name_of(slug)}",
        scopes=FORCE_SCOPES if is_force else SUPPLIER_SCOPES,
    )
    stage.clients.append(await stage.do(actor, register_client, command))


async def _connect(stage: Stage) -> None:
    """Paused in the same moment, so that nothing was ever tried: its deliveries only line up."""
    admin = stage.holder(CONNECTED, Role.SUPPLIER_ADMIN)
    command = CreateConnection(
        connector="webhook",
        name="Contact desk events (demonstration)",
        event_types=["listing.*", "pilot.*", "rating.*", "round.*"],
        config={
            "endpoint": f"https://hooks.{CONNECTED}.example/innohub",
            "token_url": f"https://login.{CONNECTED}.example/oauth/token",
            "client_id": "innohub-demonstration",
        },
        secrets={"client_secret": SecretStr(secrets.token_urlsafe(32))},
    )
    async with stage.work_of(admin) as work:
        made = await hub.create_connection(work, admin, command, hub=stage.hub)
        pause = PauseConnection(connection_id=made.connection.id, reason=WHY_PAUSED)
        await hub.pause_connection(work, admin, pause)
