"""Every mutation, tried by everybody: those who may, can; for all others nothing changes."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from innohub.db.engine import ReadPool, create_engine
from innohub.db.unit_of_work import Database
from innohub.graphql.schema import schema
from innohub.hub.database import database_of
from innohub.hub.wiring import Hub
from innohub.identity.models import Role
from innohub.identity.permissions import Scope
from innohub.settings import Settings
from tests.conftest import empty
from tests.counterparts import CONNECTORS
from tests.graphql.matrix import (
    challenges,
    clients,
    decisions,
    finding,
    integrations,
    kpis,
    listings,
    notices,
    pilots,
    pools,
    quotes,
    rounds,
    savings,
    together,
)
from tests.graphql.matrix.allowed import ALLOWED, VARIANTS, WHO
from tests.graphql.matrix.everybody import ROLES, SCOPES, everybody
from tests.graphql.matrix.world import NOW, REFUSALS, World, take_back

pytestmark = pytest.mark.asyncio(loop_scope="module")

STAGES = (
    listings.STAGES
    | pilots.STAGES
    | kpis.STAGES
    | rounds.STAGES
    | challenges.STAGES
    | quotes.STAGES
    | decisions.STAGES
    | savings.STAGES
    | pools.STAGES
    | integrations.STAGES
    | notices.STAGES
    | clients.STAGES
    | finding.STAGES
    | together.STAGES
)
TRIALS = {name: (name, who) for name, who in ALLOWED.items()} | VARIANTS


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(
    migrated_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    settings = Settings(
        database_url=migrated_url,
        data_dir=tmp_path_factory.mktemp("data"),
        connector_paths=[CONNECTORS],
    )
    engine = create_engine(migrated_url, settings)
    database = database_of(engine, clock=lambda: NOW)
    rehearsal = Database(engine, clock=lambda: NOW)
    rehearsal.before_commit += [*database.before_commit, take_back]
    pool = ReadPool(migrated_url, settings)
    await empty(database)
    yield World(database, rehearsal, pool, Hub.of(settings), await everybody(database))
    await pool.close()
    await engine.dispose()


async def test_the_table_has_a_row_for_every_mutation_and_no_other() -> None:
    root = schema._schema.mutation_type
    assert root is not None
    assert set(ALLOWED) == set(root.fields)


async def test_everybody_is_every_role_and_every_scope(world: World) -> None:
    assert {role for roles in ROLES.values() for role in roles} == set(Role)
    assert set(SCOPES) == set(Scope)
    assert set(world.everybody.actors) == WHO
    assert {who for _, allowed in TRIALS.values() for who in allowed} <= WHO


@pytest.mark.parametrize("trial", TRIALS)
async def test_only_those_named_may(world: World, trial: str) -> None:
    mutation, allowed = TRIALS[trial]
    input = await STAGES[trial](world)
    before = await world.fingerprint()
    await nobody_else(world, mutation, input, allowed, before)
    for who in sorted(allowed):
        code = await world.code(who, mutation, input, rehearse=True)
        assert code == "rehearsed", f"{who} was to be let in: {code}"
    assert await world.fingerprint() == before
    await one_for_real(world, mutation, input, allowed, before)


async def nobody_else(
    world: World, mutation: str, input: Any, allowed: set[str], before: Any
) -> None:
    """Whoever is not allowed is refused, and leaves everything as it was."""
    for who in sorted(WHO - allowed):
        code = await world.code(who, mutation, input, rehearse=False)
        assert code in REFUSALS, f"{who} was to be refused: {code}"
        assert await world.fingerprint() == before, f"{who} was refused, but left a mark"


async def one_for_real(
    world: World, mutation: str, input: Any, allowed: set[str], before: Any
) -> None:
    """What a rehearsal lets in can be stored, is audited, and can be read by the person who did
    it."""
    who = min(allowed & world.everybody.people.keys())
    payload = await world.stored(who, mutation, input)
    assert payload["__typename"] != "Failure", f"{who}: {payload}"
    assert payload["node"], f"{who} cannot read what they did"
    after = await world.fingerprint()
    assert after["audit_entry"][0] > before["audit_entry"][0]
