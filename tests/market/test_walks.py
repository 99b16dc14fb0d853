"""Listings and pilots walked at random, by everybody: what must hold, holds after every step.

INNOHUB_WALK_STEPS says how many steps in all; the nightly run takes thousands.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Coroutine
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from innohub.db.engine import create_engine
from innohub.db.unit_of_work import Database
from innohub.market.catalogue.models import ListingState
from innohub.outbox import audit
from innohub.settings import Settings
from tests.conftest import Clock, empty
from tests.market.pilots.cast import Cast, a_cast, a_technology
from tests.market.walking import ACTS, LISTING_ACTS, Walk
from tests.web.shelf import a_listing

STEPS = int(os.environ.get("INNOHUB_WALK_STEPS", "160"))
A_WALK = 40
PEOPLE = (
    "lead", "sro", "chief", "analyst", "second_analyst", "assurance_reviewer", "force_viewer",
    "other_lead", "other_sro", "other_analyst", "other_reviewer", "supplier_admin",
    "supplier_viewer", "rival_admin", "assurance_officer", "catalogue_reviewer", "board_member",
    "adviser",
)  # fmt: skip
WAY = (
    "request", "accept", "set_costs", "accept", "approve", "sign", "propose_protocol", "lock",
    "start", "record", "finish", "report", "confirm", "decide", "comment", "rate",
)  # fmt: skip
"""The way to the end, which a walk tries step by step between its other steps: at random alone,
few would come far."""


async def a_market(url: str, settings_: Settings) -> tuple[Database, Clock, Cast]:
    clock = Clock()
    database = Database(create_engine(url, settings_), clock=clock)
    database.before_commit.append(audit.seal)
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

    @initialize(published=st.booleans())
    def begin(self, published: bool) -> None:
        if published:
            listing = self.run(a_technology(self.cast.database, self.cast.supplier))
        else:
            draft = a_listing(
                self.cast.database, supplier=self.cast.supplier, state=ListingState.DRAFT
            )
            listing = self.run(draft)
        of_walk = Cast(
            self.cast.database, listing, self.cast.supplier, self.cast.force, self.cast.actors
        )
        self.walk = Walk(of_walk, self.clock)
        self.place = 0

    @rule(part=st.sampled_from(["lead", "other_lead", "sro", "supplier_admin"]))
    def request(self, part: str) -> None:
        self.run(self.walk.request(part))

    @rule(times=st.integers(1, 4), place=st.integers(0, 3))
    def go_on(self, times: int, place: int) -> None:
        """Further on the way, whoever is next."""
        for _ in range(times):
            name = WAY[self.place % len(WAY)]
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
    def list(self, name: str) -> None:
        self.run(self.walk.list(name))

    @rule(days=st.sampled_from([1, 8, 31, 92]))
    def pass_days(self, days: int) -> None:
        self.run(self.walk.pass_days(days))

    @invariant()
    def everything_holds(self) -> None:
        if hasattr(self, "walk"):
            self.run(self.walk.look())

    def teardown(self) -> None:
        if hasattr(self, "walk"):
            self.counts["taken"] += self.walk.taken
            self.counts["refused"] += self.walk.refused
            for id in self.walk.pilots:
                self.counts[self.run(self.walk._pilot(id)).state] += 1


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
            derandomize=True,
            database=None,
            phases=[Phase.generate, Phase.shrink] if STEPS > 1000 else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        market = {"loop": loop, "clock": clock, "cast": cast, "counts": counts}
        over = type("Walking", (Walking,), market)
        run_state_machine_as_test(over, settings=walks)
        loop.run_until_complete(database.engine.dispose())
    finally:
        loop.close()
    assert counts["taken"] > STEPS // 10, counts
    assert counts["refused"] > 0, counts
