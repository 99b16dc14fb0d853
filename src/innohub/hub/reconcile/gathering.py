"""What their system shows of a connection's records: one page, or a look-up for each record."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from innohub.hub.connectors.calls import Listing, Read
from innohub.hub.connectors.contract import Outcome, OutcomeClass
from innohub.hub.connectors.expressions import Expression
from innohub.hub.connectors.listing import Place, page_of
from innohub.hub.connectors.manifest import Manifest
from innohub.hub.delivery.conversation import Conversation
from innohub.hub.delivery.remembering import digest
from innohub.hub.delivery.writing import nothing, told_by_both
from innohub.hub.models import RemoteRecord
from innohub.hub.reconcile.judging import Side


class NotShown(Exception):
    """An answer that shows nothing, with what it means."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome


@dataclass(frozen=True)
class Shown:
    """What one step showed: each with its key, and where the next page lies."""

    records: Sequence[tuple[str, Side]]
    next: Place | None = None


async def page(
    talk: Conversation,
    manifest: Manifest,
    listing: Listing,
    place: Place,
    fields: Mapping[str, Expression],
) -> Shown:
    """One page of the listing; `fields` are those of the mapping, for the hash.

    Raises NotShown, NotListed, and what the conversation raises.
    """
    asked, answered = await talk.page(listing, place)
    outcome = answered.exchange.outcome
    if outcome.kind is not OutcomeClass.OK and answered.exchange.status not in listing.absent:
        raise NotShown(outcome)
    # Expressions over thousands of entries: others go on meanwhile.
    found = await asyncio.to_thread(page_of, manifest, listing, asked, answered.document)
    records = [
        (
            item.key or "",
            Side(
                item.remote.remote_id,
                item.remote.etag,
                item.remote.revision,
                _hash(item.fields, fields),
            ),
        )
        for item in found.items
    ]
    return Shown(records, found.next)


async def look_up(talk: Conversation, read: Read, record: RemoteRecord, *, event: bool) -> Shown:
    """One record that we remember, by its key. Raises NotShown, and what the conversation does."""
    about: dict[str, Any] = {
        "record.key": record.record_key,
        "record.revision": record.revision,
        "remote.id": record.remote_id,
        "remote.etag": record.etag,
        "event.stream": record.stream,
        "event.external_key": record.record_key if event else None,
    }
    answered = await talk.look_up(read, about)
    if nothing(answered, read):
        return Shown([])
    if answered.exchange.outcome.kind is not OutcomeClass.OK:
        raise NotShown(answered.exchange.outcome)
    found, copies = answered.remote, max(answered.count or 1, 1)
    if read.then is not None:
        more = {"remote.id": found.remote_id, "remote.etag": found.etag}
        answered = await talk.look_up(read.then, about | more)
        if answered.exchange.status in read.absent:
            return Shown([])
        if answered.exchange.outcome.kind is not OutcomeClass.OK:
            raise NotShown(answered.exchange.outcome)
        found = told_by_both(found, answered.remote)
    side = Side(found.remote_id, found.etag, found.revision, None, copies)
    return Shown([(record.record_key, side)])


def _hash(theirs: Mapping[str, Any] | None, fields: Mapping[str, Expression]) -> str | None:
    """Over our fields as they hold them; null is left out there as it is when they are written."""
    if theirs is None or not fields:
        return None
    return digest({name: theirs[name] for name in fields if theirs.get(name) is not None})
