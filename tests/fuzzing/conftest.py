"""A market, and a way to ask everything of it as anybody."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type, is_union_type
from structlog.testing import capture_logs

from innohub.db.engine import ReadPool, create_engine
from innohub.graphql.context import Context
from innohub.graphql.operations import Operations
from innohub.graphql.refusals import Refused
from innohub.graphql.schema import schema
from innohub.hub.database import database_of
from innohub.hub.wiring import Hub
from innohub.identity.actor import STRANGER, Actor
from innohub.identity.models import Person, Role
from innohub.identity.permissions import Scope
from innohub.seed.people import passwords_of
from innohub.seed.story import load_story
from innohub.seed.telling import tell
from innohub.settings import Settings
from tests.conftest import empty
from tests.counterparts import CONNECTORS
from tests.factories import actor_of, client_of
from tests.fuzzing.arguments import Arguments
from tests.graphql.market import CATEGORIES, KPIS, WORDS
from tests.graphql.matrix.everybody import ROLES
from tests.graphql.matrix.stored import TABLES, Stored, read_back
from tests.journeys.conftest import small

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TAXING = ("graphql.unexpected", "graphql.read_twice")
"""What the hub says of itself when something broke, or an answer took a second statement."""


class Stage:
    """The market, on an event loop of its own."""

    def __init__(self, url: str, data: Path) -> None:
        self.settings = settings = Settings(
            database_url=url, data_dir=data, connector_paths=[CONNECTORS], demonstration=True
        )
        self.loop = asyncio.new_event_loop()
        self.database = database_of(create_engine(url, settings), clock=lambda: NOW)
        self.reads = ReadPool(url, settings)
        self.hub = Hub.of(settings)
        self.operations = Operations(schema._schema)
        self.loop.run_until_complete(self._fill())

    async def _fill(self) -> None:
        """The small demonstration market: what is in it came about by the services, and fits."""
        await empty(self.database)
        story = small(load_story())
        passwords = await passwords_of(story)
        async with self.database.engine.begin() as connection:
            await tell(connection, self.settings, self.database.clock, _quietly, story, passwords)
        async with self.database.session() as session:
            stored = await read_back(session)
        seats = [
            (stored.get("Person", row.person_id), stored.organisations[row.organisation_id], row)
            for row in stored.all("Membership")
        ]
        self.actors = [
            STRANGER,
            *(actor_of(person, (at, Role(row.role))) for person, at, row in seats),
            *(client_of(at, *Scope) for at in {at.id: at for _, at, _ in seats}.values()),
        ]
        self.mighty = _of_all_trades(seats[0][0], stored)
        self.ids, self.words = _known(stored)

    def arguments(self, random: Random) -> Arguments:
        return Arguments(random, self.ids, self.words)

    def codes(self, actor: Actor, text: str, variables: dict[str, Any]) -> set[str]:
        """By which codes it was refused; what the log has of it that it should not is one."""
        with capture_logs() as logs:
            found = self.loop.run_until_complete(self._codes(actor, text, variables))
        return found | {str(entry["event"]) for entry in logs if entry["event"] in TAXING}

    async def _codes(self, actor: Actor, text: str, variables: dict[str, Any]) -> set[str]:
        context = Context(actor, self.hub, self.database, self.reads, "fuzzing")
        prepared = self.operations.prepare(text)
        try:
            answer = await self.operations.execute(prepared, variables, context)
        except Refused as refused:
            return {str((one.extensions or {}).get("code")) for one in refused.errors}
        codes = {str((one.extensions or {}).get("code")) for one in answer.errors}
        for made in (answer.data or {}).values():
            if isinstance(made, dict) and "said" in made:
                codes.add(made["code"])
        return codes

    def close(self) -> None:
        async def end() -> None:
            await self.reads.close()
            await self.database.engine.dispose()

        self.loop.run_until_complete(end())
        self.loop.close()


def _quietly(done: int, total: int, what: str) -> None:
    """Nobody watches the market being told."""


def _of_all_trades(person: Person, stored: Stored) -> Actor:
    """Somebody with every role in every organisation: what refuses them is no missing right."""
    seats = [
        (organisation, Role(role))
        for organisation in stored.organisations.values()
        for role in ROLES[organisation.kind]
    ]
    return actor_of(person, *seats)


def _known(stored: Stored) -> tuple[dict[str, list[int]], list[str]]:
    ids = {kind: [row.id for row in stored.all(kind)] for kind in TABLES}
    for organisation in stored.organisations.values():
        kind = "Force" if organisation.kind == "force" else "Supplier"
        ids.setdefault(kind, []).append(organisation.id)
    slugs = [row.slug for row in (*stored.all("Technology")[:4], *stored.organisations.values())]
    return ids, [*WORDS[:3], *CATEGORIES[:2], *KPIS, *slugs[:8]]


@pytest.fixture(scope="module")
def stage(migrated_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(migrated_url, tmp_path_factory.mktemp("data"))
    yield made
    made.close()


FAILURE = "... on Failure { code said: message at: field problems { message field rule } }"


def document(kind: str, name: str) -> str:
    """The field with all its arguments as variables, and a shallow selection."""
    root = schema._schema.get_type(kind)
    assert isinstance(root, GraphQLObjectType)
    field = root.fields[name]
    declared = ", ".join(f"${key}: {one.type}" for key, one in field.args.items())
    given = ", ".join(f"{key}: ${key}" for key in field.args)
    head, call = (f"({declared})", f"({given})") if field.args else ("", "")
    return f"{kind.lower()}{head} {{ {name}{call} {_selection(field.type, 1)} }}"


def _selection(type_: Any, depth: int) -> str:
    named = get_named_type(type_)
    if is_leaf_type(named):
        return ""
    if is_union_type(named):
        payload, *rest = named.types
        failure = FAILURE if "Failure" in {one.name for one in rest} else ""
        return f"{{ ... on {payload.name} {_selection(payload, depth)} {failure} }}"
    chosen = [
        f"{key} {_selection(one.type, depth - 1)}"
        for key, one in named.fields.items()
        if not one.args and key != "edges" and (depth > 0 or is_leaf_type(get_named_type(one.type)))
    ]
    return f"{{ __typename {' '.join(chosen)} }}"
