"""Runs a connector against its recording, by the parts that deliver."""

import base64
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from innohub.hub.carrying import carry
from innohub.hub.configuration import checked_config
from innohub.hub.conformance import coverage, difference, recording
from innohub.hub.conformance.coverage import Seen
from innohub.hub.conformance.playback import Playback
from innohub.hub.conformance.recording import Case, Recording
from innohub.hub.conformance.samples import NOW, sample
from innohub.hub.conversation import Conversation, TokenOf
from innohub.hub.engine import Engine
from innohub.hub.manifest import Connector
from innohub.hub.outbound import Outbound
from innohub.hub.registry import load_all
from innohub.hub.tokens import AccessToken

SIGNING_SECRET = f"whsec_{base64.b64encode(b'a secret of the recordings').decode()}"


@dataclass(frozen=True)
class Tried:
    """A case, and where what happened is not what it says."""

    case: Case
    differences: list[str]
    requests: list[dict[str, Any]]
    """What was sent, in the recording's own form."""


@dataclass(frozen=True)
class Report:
    """How a connector stands to its recording."""

    connector: str
    tried: list[Tried]
    missing: list[str]

    @property
    def conforms(self) -> bool:
        return not self.missing and not any(each.differences for each in self.tried)


async def conform(folder: Path) -> list[Report]:
    """Try the connector in `folder`, and its variants.

    Raises Invalid for a folder or a recording that is faulty.
    """
    connectors = load_all(folder)
    recorded = recording.load(folder, connectors)
    return [await _report(connector, recorded) for connector in connectors]


async def _report(connector: Connector, recorded: Recording) -> Report:
    manifest, tried, seen = connector.manifest, [], []
    config = checked_config(manifest, recorded.settings_of(manifest), allow_loopback=False)
    for case in recorded.about(manifest.name):
        run, playback = await _try(connector, recorded, case, config)
        seen.append(run)
        differences = [
            *playback.differences,
            *difference.untold(case, len(playback.asked)),
            *difference.of_end(case.ends, run.sent),
            *coverage.mislabelled(run),
        ]
        tried.append(Tried(case, differences, [difference.spelt(each) for each in playback.asked]))
    return Report(manifest.name, tried, coverage.missing(manifest, seen))


async def _try(
    connector: Connector, recorded: Recording, case: Case, config: dict[str, str]
) -> tuple[Seen, Playback]:
    playback = Playback(case, connector.manifest.name)
    async with Outbound(allow_loopback=False, beneath=playback) as outbound:
        sent = await carry(
            Conversation(Engine(outbound, clock=_now), _now, _held),
            connector,
            sample(case.event, connector.manifest, config),
            signing=(SIGNING_SECRET,) if connector.manifest.signature else (),
            token_of=_token_of(connector, recorded),
            known=case.known.remote if case.known else None,
            in_doubt=case.in_doubt,
            sleep=_at_once,
        )
    return Seen(case, sent, playback.answers), playback


def _token_of(connector: Connector, recorded: Recording) -> TokenOf:
    async def token_of(refused: int | None) -> AccessToken | None:
        if connector.manifest.authorise is None:
            return None
        generation = (refused or 0) + 1
        return AccessToken(f"token-{generation}", generation, recorded.token)

    return token_of


def _now() -> datetime:
    return NOW


async def _held() -> None:
    """No lane is in hand that could be lost."""


async def _at_once(seconds: float) -> None:
    """A recording waits for nobody."""
