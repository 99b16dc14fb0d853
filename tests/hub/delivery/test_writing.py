"""The writer against a model of their system, which loses, lags and lies as real ones do."""

from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innohub.db.unit_of_work import utc_now
from innohub.hub.connectors.calls import Look, Read
from innohub.hub.connectors.contract import Outcome, OutcomeClass, Remote
from innohub.hub.connectors.engine import Answered, Exchange
from innohub.hub.connectors.manifest import Manifest
from innohub.hub.delivery.writing import ROUNDS, SECOND_LOOK_SECONDS, Writer

OK, CONFLICT, UNKNOWN = OutcomeClass.OK, OutcomeClass.CONFLICT, OutcomeClass.UNKNOWN
WRITE = {"method": "PUT", "url": "https://example.test/{record.key}"}
READ: dict[str, Any] = {"url": "https://example.test/{record.key}"}


def how(**parts: Any) -> Manifest:
    given_parts = {"write": WRITE, "read": READ} | parts
    return Manifest.model_validate(
        {
            "name": "model",
            "title": "Model",
            "summary": "A model of their system.",
            "promise": "at_least_once",
            "record": "stream",
            "settings": [],
            "answers": {"ok": ["2xx"]},
            **{name: part for name, part in given_parts.items() if part is not None},
        }
    )


BY_KEY = how(conditional="etag")
WITHOUT_VERSIONS = how()
LOOKED_UP: dict[str, Any] = {"write": None, "create": WRITE, "update": WRITE}
BY_LOOKUP = how(**LOOKED_UP, read={**READ, "settle_seconds": 120})
BY_LOOKUP_AND_VERSION = how(**LOOKED_UP, conditional="etag", read={**READ, "then": READ})


@dataclass
class TheirSystem:
    """Records with one key. `fates` of requests to come: `through`, `lost` (it arrives, its answer
    does not), `never` (it does not arrive)."""

    manifest: Manifest
    revision: int
    records: list[int] = field(default_factory=list)
    """The revision of each record that carries the key; more than one is a double."""
    version: int = 0
    fates: list[str] = field(default_factory=list)
    unseen: bool = False
    """Their search does not find what is there yet."""
    forgets: bool = False
    """They say yes to a write and lose it."""
    seen: list[int] = field(default_factory=list)
    slept: float = 0.0

    async def read(self, look: Look, found: Remote | None = None) -> Answered:
        if self._fate() != "through":
            return _answered(UNKNOWN)
        if not self.records or self.unseen:
            return _answered(OK, 404)
        remote = Remote("1", str(self.version), self.records[0])
        if found is None and isinstance(look, Read) and look.then is not None:
            remote = Remote("1", None, self.records[0])
        return _answered(OK, 200, remote, len(self.records))

    async def write(self, known: Remote | None) -> Answered:
        fate = self._fate()
        if fate == "never":
            return _answered(UNKNOWN)
        created = self.manifest.create is not None and known is None
        if self.manifest.conditional and not created and not self._as_known(known):
            return _answered(UNKNOWN if fate == "lost" else CONFLICT, 412)
        if not self.forgets:
            self._take(known)
        return _answered(UNKNOWN) if fate == "lost" else _answered(OK, 200, self._told())

    async def sleep(self, seconds: float) -> None:
        self.slept += seconds

    async def carry(
        self, known: Remote | None = None, *, in_doubt: bool = False
    ) -> tuple[OutcomeClass, Remote | None]:
        writer = Writer(self.manifest, self.revision, known, in_doubt=in_doubt, sleep=self.sleep)
        carried = await writer.carry(self)
        return carried.outcome.kind, carried.remote

    def _fate(self) -> str:
        return self.fates.pop(0) if self.fates else "through"

    def _as_known(self, known: Remote | None) -> bool:
        if known is None:
            return not self.records
        return bool(self.records) and known.etag in (str(self.version), None)

    def _take(self, known: Remote | None) -> None:
        self.version += 1
        self.seen.append(self.revision)
        if self.records and (known is not None or self.manifest.write is not None):
            self.records[0] = self.revision
        else:
            self.records.append(self.revision)

    def _told(self) -> Remote:
        return Remote("1", str(self.version), None)


def _answered(
    kind: OutcomeClass, status: int | None = None, remote: Remote | None = None, count: int = 1
) -> Answered:
    exchange = Exchange(Outcome(kind, ""), utc_now(), ms=0, request_id="", status=status)
    return Answered(exchange, remote or Remote(None, None, None), count)


async def test_a_write_that_is_answered_is_one_request() -> None:
    theirs = TheirSystem(BY_KEY, revision=3)
    assert await theirs.carry() == (OK, Remote("1", "1", 3))
    assert theirs.seen == [3]


async def test_a_lost_answer_is_found_out_by_reading_back() -> None:
    theirs = TheirSystem(BY_KEY, revision=3, fates=["lost"])
    assert await theirs.carry() == (OK, Remote("1", "1", 3))
    assert theirs.seen == [3]


async def test_a_patch_of_nothing_that_they_say_yes_to_is_found_out() -> None:
    """A system that was seen to answer 204 to a write of a record it does not have."""
    theirs = TheirSystem(how(verify=True), revision=2, forgets=True)
    kind, remote = await theirs.carry()
    assert (kind, remote) == (CONFLICT, None)
    assert theirs.seen == []


async def test_a_verified_write_is_read_back_once() -> None:
    theirs = TheirSystem(how(verify=True), revision=2)
    assert await theirs.carry() == (OK, Remote("1", "1", 2))
    assert theirs.seen == [2]


async def test_a_create_whose_answer_is_lost_waits_until_search_would_find_it() -> None:
    """A tracker without a key of its own: search lags behind what was created."""
    theirs = TheirSystem(BY_LOOKUP, revision=1, fates=["through", "lost"])
    writer = Writer(BY_LOOKUP, 1, None, in_doubt=False, sleep=theirs.sleep)
    carried = await writer.carry(theirs)
    assert carried.outcome.kind is UNKNOWN
    assert carried.outcome.after_seconds == 120

    assert (await theirs.carry(in_doubt=True))[0] is OK
    assert theirs.records == [1], "no double"


async def test_in_doubt_a_missing_record_is_looked_for_twice() -> None:
    theirs = TheirSystem(BY_LOOKUP, revision=1)
    assert (await theirs.carry(in_doubt=True))[0] is OK
    assert theirs.slept == SECOND_LOOK_SECONDS
    assert theirs.records == [1]


async def test_doubles_are_told_and_not_added_to() -> None:
    theirs = TheirSystem(BY_LOOKUP, revision=1, records=[1, 1, 1])
    writer = Writer(BY_LOOKUP, 1, None, in_doubt=True, sleep=theirs.sleep)
    carried = await writer.carry(theirs)
    assert carried.outcome.kind is OK
    assert carried.outcome.detail.endswith("3 of their records carry its key.")
    assert theirs.seen == []


async def test_doubles_are_told_where_one_of_them_is_written_over() -> None:
    theirs = TheirSystem(BY_LOOKUP, revision=2, records=[1, 1])
    carried = await Writer(BY_LOOKUP, 2, None, in_doubt=False).carry(theirs)
    assert carried.outcome.kind is OK
    assert carried.outcome.detail == "2 of their records carry its key."
    assert theirs.records == [2, 1]


async def test_a_record_that_is_looked_up_is_written_under_the_version_of_a_second_look() -> None:
    theirs = TheirSystem(BY_LOOKUP_AND_VERSION, revision=5, records=[4], version=9)
    assert await theirs.carry() == (OK, Remote("1", "10", 5))


async def test_a_record_that_is_gone_by_the_second_look_is_made_anew() -> None:
    class Vanishing(TheirSystem):
        async def read(self, look: Look, found: Remote | None = None) -> Answered:
            if found is not None:
                self.records.clear()
            return await super().read(look, found)

    theirs = Vanishing(BY_LOOKUP_AND_VERSION, revision=5, records=[4], version=9)
    assert await theirs.carry() == (OK, Remote("1", "10", 5))
    assert theirs.records == [5]


async def test_without_a_version_from_the_last_answer_the_record_is_read_first() -> None:
    theirs = TheirSystem(BY_KEY, revision=5, records=[4], version=9)
    assert await theirs.carry(Remote("1", None, 4)) == (OK, Remote("1", "10", 5))


async def test_somebody_who_changes_the_record_each_time_is_not_fought_for_ever() -> None:
    class Contested(TheirSystem):
        async def read(self, look: Look, found: Remote | None = None) -> Answered:
            answered = await super().read(look, found)
            self.version += 1
            return answered

    theirs = Contested(BY_KEY, revision=5, records=[1])
    kind, _ = await theirs.carry(Remote("1", "none of theirs", 1))
    assert kind is CONFLICT
    assert theirs.version == ROUNDS


@pytest.mark.parametrize("held", [5, 6, 900])
async def test_what_they_hold_already_is_never_written_over(held: int) -> None:
    theirs = TheirSystem(BY_KEY, revision=5, records=[held])
    kind, remote = await theirs.carry()
    assert kind is OK
    assert remote is not None
    assert remote.revision == held
    assert theirs.seen == []


FATES = st.lists(st.sampled_from(["through", "lost", "never"]), max_size=12)


@given(fates=FATES, edits=st.lists(st.booleans(), max_size=8))
@settings(max_examples=300, deadline=None)
@pytest.mark.parametrize(
    "manifest",
    [BY_KEY, WITHOUT_VERSIONS, BY_LOOKUP, BY_LOOKUP_AND_VERSION],
    ids=["by key and version", "by key", "by lookup", "by lookup and version"],
)
async def test_whatever_is_lost_each_revision_takes_effect_once_and_in_order(
    manifest: Manifest, fates: list[str], edits: list[bool]
) -> None:
    theirs = TheirSystem(manifest, revision=0, fates=list(fates))
    known: Remote | None = None
    for revision in range(1, 5):
        theirs.revision = revision
        for attempt in range(20):
            kind, remote = await theirs.carry(known, in_doubt=attempt > 0)
            if kind is OK:
                known = remote
                break
            if edits and edits.pop():
                # Their people touch the record.
                theirs.version += 1
        else:
            pytest.fail("it never got through")
    # Without a key in the address, the same revision may be written over itself: no effect.
    seen = theirs.seen if manifest.write else [number for number, _ in groupby(theirs.seen)]
    assert seen == [1, 2, 3, 4]
    assert theirs.records == [4]
