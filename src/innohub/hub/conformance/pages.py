"""Runs a connector's listing against the pages of its recording."""

from collections.abc import Mapping

from innohub.hub.conformance import difference
from innohub.hub.conformance.recording import Found, Pages, Recording
from innohub.hub.conformance.stage import staged, token_of
from innohub.hub.connectors.contract import OutcomeClass
from innohub.hub.connectors.listing import FIRST, Listed, NotListed, Place, Trail, page_of
from innohub.hub.connectors.manifest import Connector
from innohub.hub.connectors.templates import config_values
from innohub.hub.delivery.conversation import Conversation


async def differences_of(
    connector: Connector, recorded: Recording, pages: Pages, config: Mapping[str, str]
) -> list[str]:
    """Where what is asked, or found, is not what the recording says."""
    async with staged(connector, pages.exchanges) as (talk, playback):
        await talk.open(connector, config_values(config), (), token_of(connector, recorded))
        try:
            found, told = await _walk(connector, talk), []
        except NotListed as error:
            found, told = [], [str(error)]
    listed = [_as_recorded(each, wanted) for each, wanted in zip(found, pages.finds, strict=False)]
    listed += [_as_recorded(each, Found()) for each in found[len(pages.finds) :]]
    wanted = [each.model_dump(exclude_unset=True) for each in pages.finds]
    return [
        *playback.differences,
        *difference.untold(pages.exchanges, len(playback.asked)),
        *told,
        *difference.between("finds", listed, wanted),
    ]


async def _walk(connector: Connector, talk: Conversation) -> list[Listed]:
    manifest = connector.manifest
    found: list[Listed] = []
    trail, place = Trail(), FIRST
    upcoming: Place | None = place
    while upcoming is not None and manifest.listing is not None:
        trail.step(upcoming)
        asked, answered = await talk.page(manifest.listing, upcoming)
        gone = answered.exchange.status in manifest.listing.absent
        outcome = answered.exchange.outcome
        if outcome.kind is not OutcomeClass.OK and not gone:
            raise NotListed(outcome.detail)
        page = page_of(manifest, manifest.listing, asked, answered.document)
        found += page.items
        upcoming = page.next
    return found


def _as_recorded(listed: Listed, wanted: Found) -> dict[str, object]:
    """What was found of an entry, as far as the recording names it; its key in any case."""
    whole = {
        "key": listed.key,
        "remote_id": listed.remote.remote_id,
        "etag": listed.remote.etag,
        "revision": listed.remote.revision,
    }
    return {name: whole[name] for name in {"key"} | wanted.model_fields_set}
