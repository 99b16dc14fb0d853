"""The hub as one ASGI application: its parts made once, its routes and middleware as lists."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.middleware import Middleware

from innohub.db.engine import ReadPool, create_engine
from innohub.db.replica import Replica
from innohub.db.unit_of_work import Clock, Database, utc_now
from innohub.errors import InnoHubError
from innohub.garbage import keep_what_is_loaded
from innohub.graphql.documents import Documents, in_folder
from innohub.graphql.events_feed import Feed
from innohub.graphql.live import Live
from innohub.graphql.operations import Operations
from innohub.graphql.schema import schema
from innohub.hub.consents import Consents
from innohub.hub.database import database_of
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from innohub.identity.actors import Memory
from innohub.identity.oauth.access_tokens import Verifier
from innohub.identity.oauth.key_sets import KeySets
from innohub.identity.oauth.keys import Keys
from innohub.identity.oauth.routes import routes as oauth_routes
from innohub.identity.providers.discovery import Directory
from innohub.identity.throttle import Throttle
from innohub.logs import configure
from innohub.seed.sandbox import settle
from innohub.settings import Settings
from innohub.telemetry import lag, tracing
from innohub.web import api, health, routes
from innohub.web.authentication import refuse_token
from innohub.web.doorway import Doorway
from innohub.web.held_keys import TokenRefused
from innohub.web.pack.printing import Press
from innohub.web.rendering import keep_compiled
from innohub.web.sandbox import Entrance
from innohub.web.security.rates import Rates
from innohub.web.security.stack import middleware
from innohub.worker import bell


def create_app(
    settings: Settings, *, clock: Clock = utc_now, stores: "Stores | None" = None
) -> Starlette:
    """The application over one database. `stores`: its way there, where the caller has one, and
    closes it. Raises InnoHubError for settings that cannot work."""
    if settings.database_url is None:
        raise InnoHubError("DATABASE_URL is not set.")
    redis = bell.connect(settings.redis_url) if settings.redis_url else None
    market = stores or Stores.at(settings.database_url, settings, clock)
    database = market.database
    operations = operations_of(settings)
    hub = Hub.of(settings)
    keys = Keys(hub.vault)
    outbound = Outbound(allow_loopback=hub.allow_loopback)
    if redis is not None:
        database.after_commit.append(bell.after_commit(redis))
        database.wake.append(bell.waking(redis))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with lag.watched():
            yield
        await outbound.aclose()
        if stores is None:
            await market.close()
        if inside is not None:
            await inside.close()
        if redis is not None:
            await redis.aclose()

    handlers: dict[Any, Any] = {TokenRefused: refuse_token, **routes.exception_handlers}
    app = Starlette(
        routes=[
            *api.routes,
            *health.routes,
            *oauth_routes,
            *routes.routes(),
        ],
        middleware=[
            *middleware(settings, render_fault=routes.render_fault),
            Middleware(Doorway),
        ],
        exception_handlers=handlers,
        lifespan=lifespan,
    )
    parts: dict[str, Any] = {
        "settings": settings,
        "database": database,
        "reads": market.reads,
        "copy": market.copy,
        "hub": hub,
        "consents": Consents(database, hub, outbound),
        "operations": operations,
        "live": market.live(operations),
        "throttle": Throttle(database),
        "rates": Rates(settings.requests_a_minute, settings.redis_url),
        "providers": Directory(outbound.client),
        "callers": Memory(),
        "keys": keys,
        "key_sets": KeySets(partial(_fetched, outbound)),
        "verifier": Verifier(keys, settings.base_url),
        "press": Press(),
    }
    inside = _sandbox_of(settings, clock)
    if inside is not None:
        parts["sandbox"] = _beside(parts, inside, outbound)
        parts["sandbox"].state.register = app.state
    _carry(app, parts)
    routes.check(operations)
    keep_compiled(settings.data_dir / "templates")
    return app


HARMLESS = frozenset({"operations", "rates", "providers", "keys", "key_sets", "verifier", "press"})
"""Parts that requests to the market and to the sandbox may share. Rates are counted by clients,
which are registered in one place; keys only verify, as nothing is issued in the sandbox."""


@dataclass(frozen=True)
class Stores:
    """One database, by all the ways in which a web process uses it."""

    settings: Settings
    database: Database
    reads: ReadPool
    copy: Replica | None
    """The standby, where there is one."""
    feed: Feed

    @classmethod
    def at(cls, url: str, settings: Settings, clock: Clock) -> "Stores":
        database = database_of(create_engine(url, settings), clock=clock)
        reads, standby = ReadPool(url, settings), settings.database_read_url
        copy = Replica(standby, settings, reads) if standby else None
        return cls(settings, database, reads, copy, Feed(settings.direct_url or url))

    def live(self, operations: Operations) -> Live:
        return Live(
            operations,
            self.feed,
            api.identify,
            api.context_of,
            self.database.clock,
            here=lambda connection: connection.app.state.live,
        )

    async def close(self) -> None:
        await self.feed.close()
        await self.reads.close()
        if self.copy is not None:
            await self.copy.close()
        await self.database.engine.dispose()


def _sandbox_of(settings: Settings, clock: Clock) -> Stores | None:
    """The sandbox's stores, where there is one, with settings that name no other database."""
    url = settings.sandbox_database_url
    if url is None:
        return None
    nowhere_else = dict.fromkeys(
        ("database_read_url", "database_direct_url", "sandbox_database_url", "redis_url")
    )
    own = {"database_url": url, **nowhere_else}
    return Stores.at(url, settings.model_copy(update=own), clock)


def _beside(market: Mapping[str, Any], inside: Stores, outbound: Outbound) -> Starlette:
    """What a request to the sandbox finds: its own parts, and those of the market's that hold no
    data of the market. Raises LookupError for a part of which nobody said which it is."""
    hub = replace(market["hub"], sandbox=False)
    entrance = Entrance(
        market["reads"], inside.reads, partial(settle, inside.settings, inside.database.clock)
    )
    own: dict[str, Any] = {
        "settings": inside.settings,
        "database": inside.database,
        "reads": inside.reads,
        "copy": inside.copy,
        "hub": hub,
        "consents": Consents(inside.database, hub, outbound),
        "live": inside.live(market["operations"]),
        "throttle": Throttle(inside.database),
        "callers": Memory(),
    }
    if undecided := market.keys() - own.keys() - HARMLESS:
        raise LookupError(f"Is there one of its own in the sandbox? {', '.join(sorted(undecided))}")
    app = Starlette()
    _carry(app, {**own, **{name: market[name] for name in HARMLESS}, "enter": entrance.enter})
    return app


def _carry(app: Starlette, parts: Mapping[str, Any]) -> None:
    for name, part in parts.items():
        setattr(app.state, name, part)


async def _fetched(outbound: Outbound, url: str) -> bytes:
    """What a client publishes of its keys. Raises httpx2.HTTPError, OutboundRefused."""
    answer = await outbound.client.get(url, headers={"Accept": "application/json"})
    if answer.status_code != 200:
        raise httpx2.HTTPError(f"answered {answer.status_code}")
    return answer.content


def operations_of(settings: Settings) -> Operations:
    """The API's operations, with the documents that this hub's operator registered."""
    return _operations(
        settings.graphql_documents,
        settings.graphql_registered_only,
        settings.graphql_introspection,
    )


@cache
def _operations(folder: Path | None, strict: bool, introspection: bool) -> Operations:
    """One for all applications of a process: preparing the pages' documents takes seconds, and
    what is prepared hangs on nothing but the schema."""
    documents = Documents(
        [*routes.documents(), *(in_folder(folder) if folder else [])], strict=strict
    )
    return Operations(schema._schema, documents=documents, introspection=introspection)


def create_app_from_environment() -> Starlette:
    """For the web server: settings and logging from the environment."""
    settings = Settings()
    configure(settings)
    tracing.start(settings, "web")
    app = create_app(settings)
    keep_what_is_loaded()
    return app
