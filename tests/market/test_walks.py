"""Listings and pilots walked at random, by everybody: what must hold, holds after every step.

INNOHUB_WALK_STEPS says how many steps in all, INNOHUB_WALK_SEED which way; the nightly run takes
thousands.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Coroutine
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from innohub.db.engine import create_engine
from innohub.db.unit_of_work import Database
from innohub.identity.actor import SYSTEM
from innohub.outbox import sealing
from innohub.settings import Settings
from tests.conftest import Clock, empty
from tests.market.pilots.cast import Cast, a_cast
from tests.market.walk_acts import ACTS, LISTING_ACTS
from tests.market.walking import Walk, a_draft

STEPS = int(os.environ.get("INNOHUB_WALK_STEPS", "120"))
SEED = os.environ.get("INNOHUB_WALK_SEED")
A_WALK = 40
PEOPLE = (
    "lead", "sro", "chief", "analyst", "second_analyst", "assurance_reviewer", "force_viewer",
    "other_lead", "other_sro", "other_analyst", "other_reviewer", "supplier_admin",
    "supplier_viewer", "rival_admin", "assurance_officer", "catalogue_reviewer", "board_member",
    "adviser",
)  # fmt: skip
WAYS = {
    "alone": (
        "request", "accept", "set_costs", "accept", "approve", "sign", "propose_protocol", "lock",
        "start", "record", "finish", "report", "confirm", "decide", "comment", "rate",
    ),
    "together": (
        "request", "join", "accept", "approve", "approve_joining", "sign", "sign_joined",
        "propose_protocol", "lock", "start", "record", "pause_by_officer", "agree", "resume",
        "stop", "report", "confirm", "decide", "rate",
    ),
}  # fmt: skip
"""The ways to the end, which a walk tries step by step between its other steps: at random alone,
few would come far."""
IDLENESS = (31, 31, 16, 16)
"""Days after each of which the hub looks: a pilot that nobody moves meanwhile lapses."""


async def a_market(url: str, settings_: Settings) -> tuple[Database, Clock, Cast]:
    clock = Clock()
    database = Database(create_engine(url, settings_), clock=clock)
    database.before_commit.append(sealing.seal)
    await empty(database)
    return database, clock, await a_cast(database)


class Walking(RuleBasedStateMachine):
    """Walks over one market; each has a listing of its own. `over` names the market."""

    loop: ClassVar[asyncio.AbstractEventLoop]
    clock: ClassVar[Clock]
    cast: ClassVar[Cast]
    counts: ClassVar[Counter[str]]

    def run(self, doing: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(doing)

    @initialize(published=st.integers(0, 3), way=st.sampled_from(sorted(WAYS)))
    def begin(self, published: int, way: str) -> None:
        """Three of four walks begin with a published listing, the others with a draft."""
        listing = self.run(a_draft(self.cast))
        actors = self.cast.actors | {"system": SYSTEM}
        of_walk = Cast(self.cast.database, listing, self.cast.supplier, self.cast.force, actors)
        self.walk = Walk(of_walk, self.clock)
        self.way, self.place = WAYS[way], 0
        if published:
            for name in ("submit", "approve"):
                self.run(self.walk.act_on_listing(name))

    @rule(part=st.sampled_from(["lead", "other_lead", "sro", "supplier_admin"]))
    def request(self, part: str) -> None:
        self.run(self.walk.request(part))

    @rule(part=st.sampled_from(["lead", "other_lead"]), place=st.integers(0, 3))
    def request_and_join(self, part: str, place: int) -> None:
        self.run(self.walk.request(part, join=place))

    @rule(times=st.integers(2, 9), place=st.integers(0, 1))
    def go_on(self, times: int, place: int) -> None:
        """Further on the way, whoever is next."""
        for _ in range(times):
            name = self.way[self.place % len(self.way)]
            self.place += 1
            if name == "request":
                self.run(self.walk.request("lead"))
            elif name == "confirm":
                self.run(self.walk.confirm(place, "second_analyst"))
            else:
                self.run(self.walk.act(name, place))

    @rule(name=st.sampled_from(sorted(ACTS)), place=st.integers(0, 3))
    def act(self, name: str, place: int) -> None:
        self.run(self.walk.act(name, place))

    @rule(
        name=st.sampled_from(sorted(ACTS)),
        place=st.integers(0, 3),
        part=st.sampled_from(PEOPLE),
    )
    def act_as_anybody(self, name: str, place: int, part: str) -> None:
        self.run(self.walk.act(name, place, part))

    @rule(place=st.integers(0, 3), part=st.sampled_from(["analyst", "second_analyst"]))
    def confirm(self, place: int, part: str) -> None:
        self.run(self.walk.confirm(place, part))

    @rule(name=st.sampled_from(sorted(LISTING_ACTS)))
    def act_on_listing(self, name: str) -> None:
        self.run(self.walk.act_on_listing(name))

    @rule(name=st.sampled_from(sorted(LISTING_ACTS)), part=st.sampled_from(PEOPLE))
    def act_on_listing_as_anybody(self, name: str, part: str) -> None:
        self.run(self.walk.act_on_listing(name, part))

    @rule()
    def review(self) -> None:
        """A change that needs a review goes there, comes back, and is published after all."""
        for name in ("edit", "submit", "request_changes", "write", "submit", "approve"):
            self.run(self.walk.act_on_listing(name))

    @rule(days=st.sampled_from([1, 8, 31, 92, 366]))
    def pass_days(self, days: int) -> None:
        self.run(self.walk.pass_days(days))

    @precondition(lambda self: self.place)
    @rule()
    def leave_alone(self) -> None:
        """Nobody does anything, until what lies idle before its lock lapses."""
        for days in IDLENESS:
            self.run(self.walk.pass_days(days))

    @invariant()
    def everything_holds(self) -> None:
        if hasattr(self, "walk"):
            self.run(self.walk.look())

    def teardown(self) -> None:
        if hasattr(self, "walk"):
            self.counts["taken"] += self.walk.taken
            self.counts["refused"] += self.walk.refused
            self.counts.update(self.run(self.walk.states()))


def test_every_walk_through_both_machines_keeps_what_must_hold(
    migrated_url: str, tmp_path: Any
) -> None:
    settings_ = Settings(database_url=migrated_url, data_dir=tmp_path)
    loop = asyncio.new_event_loop()
    counts: Counter[str] = Counter()
    try:
        database, clock, cast = loop.run_until_complete(a_market(migrated_url, settings_))
        walks = settings(
            max_examples=max(1, STEPS // A_WALK),
            stateful_step_count=A_WALK,
            deadline=None,
            derandomize=SEED is None,
            database=None,
            phases=[Phase.generate, Phase.shrink] if STEPS > 1000 else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        market = {"loop": loop, "clock": clock, "cast": cast, "counts": counts}
        over = type("Walking", (Walking,), market)
        if SEED is not None:
            over = seed(int(SEED))(over)
        run_state_machine_as_test(over, settings=walks)
        loop.run_until_complete(database.engine.dispose())
    finally:
        loop.close()
    assert counts["taken"] > STEPS // 10, counts
    assert counts["refused"] > 0, counts
