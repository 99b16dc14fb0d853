"""How one event becomes a record of theirs: once in effect, never an older one over a newer.

The other side takes part: a write names the version that it replaces, or is addressed by a key
that their side keeps unique. Where an answer leaves open what they hold, the record is read back by
its key, and the revision that it carries decides. Measured under kills and stalls, a lease alone is
not enough (docs/decisions/0024-records.md).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol

from innohub.hub.connectors.calls import Look, Read
from innohub.hub.connectors.contract import Outcome, OutcomeClass, Remote
from innohub.hub.connectors.engine import Answered
from innohub.hub.connectors.manifest import Manifest

ROUNDS = 3
"""Writes in one try: after so many conflicts somebody else keeps changing the record."""
SECOND_LOOK_SECONDS = 2.0
"""Between the two looks for a record that may have been created: their search lags behind."""

Sleep = Callable[[float], Awaitable[None]]


class Conversation(Protocol):
    """The requests of one try."""

    async def read(self, look: Look, found: Remote | None = None) -> Answered:
        """Look their record up by its key; or once more, as it was found."""

    async def write(self, known: Remote | None) -> Answered:
        """Write our record: the first, or over the version that is known."""


@dataclass(frozen=True)
class Carried:
    """What a try came to."""

    outcome: Outcome
    remote: Remote | None = None
    """Their record as it now stands; None where that is not known, or nothing was learnt."""


class _Ended(Exception):
    def __init__(self, carried: Carried) -> None:
        self.carried = carried


class Writer:
    """Carries revision `revision` of a record. `known`: what the hub remembers of theirs.

    `in_doubt`: an earlier try may have reached them.
    """

    def __init__(
        self,
        manifest: Manifest,
        revision: int,
        known: Remote | None,
        *,
        in_doubt: bool,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._manifest = manifest
        self._revision = revision
        self._known = known
        self._in_doubt = in_doubt
        self._sleep = sleep
        self._doubles = ""

    async def carry(self, conversation: Conversation) -> Carried:
        """Raises what the conversation raises."""
        try:
            if _newer(self._known, self._revision):
                raise _Ended(self._held(self._known, "Nothing was sent."))
            if self._must_look():
                await self._look(conversation)
            return await self._write(conversation)
        except _Ended as end:
            return end.carried

    def _must_look(self) -> bool:
        how, known = self._manifest, self._known
        if how.read is None:
            return False
        if how.create is not None and known is None:
            # Nothing on their side stands between us and a second one.
            return True
        if how.conditional is not None:
            # In doubt, their answer to a second `If-None-Match: *` may be no conflict but a 500.
            return known.etag is None if known else self._in_doubt
        # Looked up once and known, it is written by their id: their search may not find it yet.
        return self._in_doubt and how.create is None

    async def _write(self, conversation: Conversation) -> Carried:
        how = self._manifest
        for _ in range(ROUNDS):
            answered = await conversation.write(self._known)
            outcome = answered.exchange.outcome
            if outcome.kind is OutcomeClass.OK:
                if not how.verify:
                    told = f"{outcome.detail} {self._doubles}".strip()
                    return Carried(replace(outcome, detail=told), self._written(answered.remote))
                # They said yes: what they hold is the proof.
                await self._look(conversation)
            elif outcome.kind is OutcomeClass.UNKNOWN and self._may_ask_at_once():
                await self._look(conversation)
                # What they hold is older: the request was lost, or is still under way.
                return Carried(outcome)
            elif outcome.kind is OutcomeClass.UNKNOWN:
                settle = how.read.settle_seconds if how.read else None
                return Carried(replace(outcome, after_seconds=settle or outcome.after_seconds))
            elif outcome.kind is OutcomeClass.CONFLICT and how.read is not None:
                await self._look(conversation)
            else:
                return Carried(outcome)
        told = "Their record is changed by somebody else each time that we write it."
        if self._known is None:
            told = "The system holds no record under its key, and makes none."
        if how.verify:
            told = "The system says that it took the record, and does not hold it."
        return Carried(Outcome(OutcomeClass.CONFLICT, told))

    def _may_ask_at_once(self) -> bool:
        read = self._manifest.read
        return read is not None and read.settle_seconds == 0

    async def _look(self, conversation: Conversation) -> None:
        """Learn what they hold. Ends the try where that is our revision or a newer one, or where
        no answer comes."""
        read = self._manifest.read
        if read is None:
            return
        answered = await conversation.read(read)
        if nothing(answered, read) and self._in_doubt and read.settle_seconds > 0:
            await self._sleep(SECOND_LOOK_SECONDS)
            answered = await conversation.read(read)
        if nothing(answered, read):
            self._known = None
            return
        outcome = answered.exchange.outcome
        if outcome.kind is not OutcomeClass.OK:
            raise _Ended(Carried(outcome))
        self._doubles = _twice(answered.count)
        self._known = await self._whole(conversation, read, answered.remote)
        if _newer(self._known, self._revision - 1):
            raise _Ended(self._held(self._known, self._doubles))

    async def _whole(self, conversation: Conversation, read: Read, found: Remote) -> Remote | None:
        """The record that was found, with what a second request tells of it; None where it is gone
        by then."""
        if read.then is None:
            return found
        answered = await conversation.read(read.then, found)
        if answered.exchange.status in read.absent:
            return None
        outcome, told = answered.exchange.outcome, answered.remote
        if outcome.kind is not OutcomeClass.OK:
            raise _Ended(Carried(outcome))
        return told_by_both(found, told)

    def _written(self, told: Remote) -> Remote:
        """Their record after a write that they took. An id that the answer leaves out is still the
        one we addressed; a version that it leaves out is not."""
        remote_id = told.remote_id or (self._known.remote_id if self._known else None)
        return Remote(remote_id, told.etag, self._revision)

    def _held(self, remote: Remote | None, told: str) -> Carried:
        revision = remote.revision if remote else None
        holds = f"The system holds revision {revision} already."
        return Carried(Outcome(OutcomeClass.OK, f"{holds} {told}".strip()), remote)


def told_by_both(found: Remote, told: Remote) -> Remote:
    """A record by a look-up, with what a second request tells over it."""
    revision = found.revision if told.revision is None else told.revision
    return Remote(told.remote_id or found.remote_id, told.etag or found.etag, revision)


def _newer(remote: Remote | None, revision: int) -> bool:
    return remote is not None and remote.revision is not None and remote.revision > revision


def nothing(answered: Answered, read: Read) -> bool:
    """Whether the answer says that there is no such record."""
    if answered.exchange.status in read.absent:
        return True
    found = answered.remote
    took = answered.exchange.outcome.kind is OutcomeClass.OK
    return took and found.remote_id is None and found.revision is None


def _twice(count: int | None) -> str:
    return f"{count} of their records carry its key." if count is not None and count > 1 else ""
