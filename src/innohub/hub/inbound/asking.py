"""One list of what changed on their side, asked for and read page by page."""

import asyncio
import math
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from innohub.hub.access.token_answer import NotGranted
from innohub.hub.connectors.contract import OutcomeClass
from innohub.hub.connectors.declared import Poll
from innohub.hub.connectors.listing import FIRST, NotListed, Place, Trail, entries_of
from innohub.hub.connectors.manifest import Manifest
from innohub.hub.delivery.conversation import Conversation
from innohub.hub.inbound.wording import Told, told_in

MOST_PAGES = 100


async def changes(
    talk: Conversation, manifest: Manifest, poll: Poll, since: datetime, now: datetime
) -> AsyncIterator[list[Told]]:
    """What each page tells; `since`: when the last whole round began. Raises NotListed,
    NotGranted."""
    about = since_values(since - timedelta(minutes=poll.lag_minutes), now)
    place: Place | None = FIRST
    trail = Trail()
    while place is not None:
        asked, answered = await talk.page(poll, place, about)
        outcome = answered.exchange.outcome
        if outcome.kind is not OutcomeClass.OK and answered.exchange.status not in poll.absent:
            raise NotGranted(outcome)
        entries, place = await asyncio.to_thread(
            entries_of, manifest, poll, asked, answered.document
        )
        yield [told for entry in entries if (told := told_in(poll.returns, entry)) is not None]
        if place is not None:
            trail.step(place)
        if trail.pages > MOST_PAGES:
            raise NotListed(f"They show more than {MOST_PAGES} pages of changes.")


def since_values(since: datetime, now: datetime) -> dict[str, Any]:
    """The placeholders that say since when. Minutes are for systems that read a time of day by
    somebody's own zone, the day before for those that list whole days after one."""
    since = since.astimezone(UTC)
    return {
        "page.since": f"{since:%Y-%m-%dT%H:%M:%SZ}",
        "page.since_ms": int(since.timestamp() * 1000),
        "page.since_minutes": max(math.ceil((now - since).total_seconds() / 60), 1),
        "page.day_before": f"{since - timedelta(days=1):%Y-%m-%d}",
    }
