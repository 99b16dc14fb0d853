"""Runs a connector against its recording, by the parts that deliver."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from innohub.hub.configuration import checked_config
from innohub.hub.conformance import coverage, difference, pages, recording, rounds
from innohub.hub.conformance.coverage import Seen
from innohub.hub.conformance.playback import Playback
from innohub.hub.conformance.recording import Case, Recording
from innohub.hub.conformance.samples import sample
from innohub.hub.conformance.stage import at_once, staged, token_of
from innohub.hub.connectors.manifest import Connector
from innohub.hub.connectors.registry import load_all
from innohub.hub.delivery.carrying import carry

SIGNING_SECRET = f"whsec_{base64.b64encode(b'a secret of the recordings').decode()}"


@dataclass(frozen=True)
class Tried:
    """A case, and where what happened is not what it says."""

    told: str
    """Its situation and its name."""
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
            *difference.untold(case.exchanges, len(playback.asked)),
            *difference.of_end(case.ends, run.sent),
            *coverage.mislabelled(run),
        ]
        told = f"{case.situation.value}: {case.name}"
        tried.append(Tried(told, differences, [difference.spelt(each) for each in playback.asked]))
    listed = recorded.listing if manifest.listing else None
    if listed is not None:
        found = await pages.differences_of(connector, recorded, listed, config)
        tried.append(Tried("listing: what they hold of ours", found, []))
    async for name, found in rounds.differences_of(connector, recorded, config):
        tried.append(Tried(f"{name}: what changed on their side", found, []))
    return Report(manifest.name, tried, coverage.missing(manifest, seen, recorded))


async def _try(
    connector: Connector, recorded: Recording, case: Case, config: dict[str, str]
) -> tuple[Seen, Playback]:
    async with staged(connector, case.exchanges) as (talk, playback):
        sent = await carry(
            talk,
            connector,
            sample(case.event, connector.manifest, config),
            signing=(SIGNING_SECRET,) if connector.manifest.signature else (),
            token_of=token_of(connector, recorded),
            known=case.known.remote if case.known else None,
            in_doubt=case.in_doubt,
            sleep=at_once,
        )
    return Seen(case, sent, playback.answers), playback
