"""Runs what a connector asks for of their side against the rounds of its recording."""

from collections.abc import AsyncIterator, Mapping

from innohub.hub.access.token_answer import NotGranted
from innohub.hub.conformance import difference
from innohub.hub.conformance.recording import Noted, Recording, Round
from innohub.hub.conformance.samples import NOW, SINCE
from innohub.hub.conformance.stage import staged, token_of
from innohub.hub.connectors.declared import Poll
from innohub.hub.connectors.listing import NotListed
from innohub.hub.connectors.manifest import Connector
from innohub.hub.connectors.templates import config_values
from innohub.hub.inbound.asking import changes
from innohub.hub.inbound.wording import Told


async def differences_of(
    connector: Connector, recorded: Recording, config: Mapping[str, str]
) -> AsyncIterator[tuple[str, list[str]]]:
    """Each recorded list by its name, and where what is asked, or told, is not what it says."""
    inbound = connector.manifest.inbound
    if inbound is None:
        return
    for name, poll, of_list in (
        ("poll", inbound.poll, recorded.poll),
        ("comments", inbound.comments, recorded.comments),
    ):
        if poll is not None and of_list is not None:
            yield name, await _differences(connector, recorded, poll, of_list, config)


async def _differences(
    connector: Connector,
    recorded: Recording,
    poll: Poll,
    of_list: Round,
    config: Mapping[str, str],
) -> list[str]:
    found: list[Told] = []
    failed: list[str] = []
    async with staged(connector, of_list.exchanges) as (talk, playback):
        await talk.open(connector, config_values(config), (), token_of(connector, recorded))
        try:
            async for told in changes(talk, connector.manifest, poll, SINCE, NOW):
                found += told
        except NotListed as error:
            failed = [str(error)]
        except NotGranted as error:
            failed = [error.outcome.detail]
    beyond = [Noted()] * max(len(found) - len(of_list.notes), 0)
    pairs = zip(found, [*of_list.notes, *beyond], strict=False)
    return [
        *playback.differences,
        *difference.untold(of_list.exchanges, len(playback.asked)),
        *failed,
        *difference.between(
            "notes",
            [_as_recorded(told, wanted) for told, wanted in pairs],
            [each.model_dump(exclude_unset=True) for each in of_list.notes],
        ),
    ]


def _as_recorded(told: Told, wanted: Noted) -> dict[str, object]:
    """What was told, as far as the recording names it; whom it is about in any case."""
    whole = {
        "key": told.key,
        "id": told.remote_id,
        "status": told.status,
        "text": told.text,
        "by": told.by,
        "at": told.at.isoformat() if told.at else None,
    }
    named = {"key" if told.key else "id"} | wanted.model_fields_set
    return {name: whole[name] for name in whole if name in named}
