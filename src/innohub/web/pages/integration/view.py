"""One connection: its settings, its steps, and the log of what was sent over it."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from innohub.db import identifiers
from innohub.hub import commands
from innohub.hub import service as hub
from innohub.hub.configuration import event_types
from innohub.hub.connectors.grants import AuthorizationCode
from innohub.hub.connectors.manifest import Manifest
from innohub.hub.delivery.failing import PAUSED_AFTER
from innohub.hub.models import CONNECTION, WAITING, ConnectionState, Delivery, DeliveryState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.web.forms import Sent
from innohub.web.page import Data, Page, step
from innohub.web.pages.integration import replaying, secret
from innohub.web.pages.integration.consent import authorise
from innohub.web.pages.integration.inbound import close_inbound, open_inbound
from innohub.web.pages.new_integration.subscription import families, told
from innohub.web.pages.new_integration.view import NEWEST, POLICIES
from innohub.web.paging import page_of
from innohub.web.reading import global_id

PAGE_SIZE = 20
STATES: dict[str, tuple[str, tuple[DeliveryState, ...]]] = {
    "waiting": ("Waiting", WAITING),
    "delivered": ("Delivered", (DeliveryState.DELIVERED,)),
    "dead": ("Given up", (DeliveryState.DEAD_LETTER,)),
    "replayed": ("Replayed", (DeliveryState.REPLAYED,)),
    "skipped": ("Skipped by policy", (DeliveryState.SKIPPED_BY_POLICY,)),
}
STEPS = ("authorise", "pause", "resume", "test", "change")


def variables(request: Request) -> Data:
    state, event = _narrowed(request)
    given = {
        "state": [one.name for one in STATES[state][1]] if state else None,
        "eventType": [event] if event else None,
    }
    return {
        "id": global_id("Integration", request.path_params["number"]),
        "filter": {name: value for name, value in given.items() if value},
        **page_of(request, PAGE_SIZE),
    }


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    integration = data["integration"]
    manifests = {one.manifest.name: one.manifest for one in request.app.state.hub.registry}
    supplier_id = identifiers.decode(integration["supplier"]["id"])[1]
    manages = actor.may(Permission.CONNECTION_MANAGE, supplier_id)
    state, event = _narrowed(request)
    manifest = manifests.get(integration["connector"])
    by_consent = manifest is not None and isinstance(manifest.authorise, AuthorizationCode)
    steps = _open_steps(integration["state"]) if manages else frozenset()
    return {
        "integration": integration,
        "manifest": manifest,
        "by_consent": by_consent,
        "redirect_uri": request.app.state.hub.redirect_uri,
        "steps": steps if by_consent else steps - {"authorise"},
        "families": families(),
        "told": told,
        "policies": POLICIES,
        "newest": NEWEST,
        "states": {name: words for name, (words, _) in STATES.items()},
        "events": event_types(),
        "signs": manifest is not None and manifest.signature is not None,
        "old_secret_until": secret.still_ahead(request, integration["oldSecretUntil"]),
        "old_inbound_until": secret.still_ahead(request, integration["oldInboundSecretUntil"]),
        "overlaps": secret.OVERLAPS,
        "rests_until": secret.still_ahead(request, integration["pausedUntil"]),
        "paused_on": _paused_on(integration),
        "replays": manages,
        "takes_messages": manages and manifest is not None and manifest.takes_messages,
        "asks": _minutes_between_rounds(manifest) if manages else 0,
        "asks_again_at": secret.still_ahead(request, integration["asksAgainAt"]),
        "inbound_address": request.app.state.hub.inbound_address(integration["number"]),
        "replay_states": replaying.STATES,
        "replay_events": [(name, name) for name in event_types()],
        "most_at_once": replaying.MOST_AT_ONCE,
        "chosen_state": state,
        "chosen_event": event,
    }


def _minutes_between_rounds(manifest: Manifest | None) -> int:
    """How often the hub asks a system what changed there; 0 where it does not."""
    polls = manifest.inbound.polls if manifest and manifest.inbound else ()
    return polls[0].minutes if polls else 0


def _narrowed(request: Request) -> tuple[str, str]:
    """State and type that the log is narrowed to; what is no filter of ours is left out."""
    state = request.query_params.get("state", "")
    event = request.query_params.get("type", "")
    return state if state in STATES else "", event if event in event_types() else ""


def _open_steps(state: str) -> frozenset[str]:
    now = ConnectionState[state]
    sources = {one.verb: one.sources for one in CONNECTION.transitions}
    return frozenset(name for name in STEPS if now in sources[name])


def _new_secrets_only(given: dict[str, Any]) -> dict[str, Any]:
    # A secret's field is blank at first: only what was typed replaces it.
    secrets = given.get("secrets", {})
    given["secrets"] = {name: value for name, value in secrets.items() if value}
    return given


async def change(request: Request, sent: Sent) -> Response:
    service = partial(hub.change_connection, hub=request.app.state.hub)
    perform = step(
        commands.ChangeConnection,
        service,
        prepare=_new_secrets_only,
        done="The settings are changed. Send a sample to see that they work.",
    )
    return await perform(request, sent)


def _to_the_delivery(request: Request, delivery: Delivery) -> str:
    return f"/deliveries/{delivery.id}"


PAGE = Page(
    "integration",
    "/integrations/{number:int}",
    variables=variables,
    needed=("integration",),
    context=context,
    actions={
        "authorise": authorise,
        "pause": step(
            commands.PauseConnection,
            hub.pause_connection,
            done="The connection is paused. Events line up until you resume it.",
        ),
        "resume": step(
            commands.ResumeConnection,
            hub.resume_connection,
            done="The connection sends again, what waited first.",
        ),
        "test": step(
            commands.TestConnection,
            hub.test_connection,
            then=_to_the_delivery,
            done="A sample is on its way. Load this page again to see what was answered.",
        ),
        "change": change,
        "rotate": secret.rotate,
        "end_old_secret": secret.end,
        "open_inbound": open_inbound,
        "close_inbound": close_inbound,
        "replay": replaying.replay,
    },
    signed_in=True,
)


def _paused_on(integration: Mapping[str, Any]) -> date | None:
    """The day on which it is paused if nothing can be delivered until then."""
    since, sends = integration["failingSince"], integration["state"] in ("ACTIVE", "FAILING")
    return (datetime.fromisoformat(since) + PAUSED_AFTER).date() if since and sends else None
