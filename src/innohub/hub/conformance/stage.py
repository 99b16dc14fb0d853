"""Where a recording is played: the hub's own engine and transport, with the recorded system
beneath, at a moment that stands still."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from innohub.hub.access.tokens import AccessToken
from innohub.hub.conformance.playback import Playback
from innohub.hub.conformance.recording import Recording, Turn
from innohub.hub.conformance.samples import NOW
from innohub.hub.connectors.engine import Engine
from innohub.hub.connectors.manifest import Connector
from innohub.hub.delivery.conversation import Conversation, TokenOf
from innohub.hub.wire.outbound import Outbound


@asynccontextmanager
async def staged(
    connector: Connector, turns: Sequence[Turn]
) -> AsyncIterator[tuple[Conversation, Playback]]:
    """A conversation with a system that says what the recording says."""
    playback = Playback(turns, connector.manifest.name)
    async with Outbound(allow_loopback=False, beneath=playback) as outbound:
        yield Conversation(Engine(outbound, clock=_now), _now, _held), playback


def token_of(connector: Connector, recorded: Recording) -> TokenOf:
    """Made-up tokens, each newer than the one that was refused."""

    async def made_up(refused: int | None) -> AccessToken | None:
        if connector.manifest.authorise is None:
            return None
        generation = (refused or 0) + 1
        return AccessToken(f"token-{generation}", generation, recorded.token)

    return made_up


async def at_once(seconds: float) -> None:
    """A recording waits for nobody."""


def _now() -> datetime:
    return NOW


async def _held() -> None:
    """No lane is in hand that could be lost."""
