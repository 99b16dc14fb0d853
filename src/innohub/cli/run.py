"""`innohub run`: the whole hub on this machine, until Ctrl-C."""

import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
from rich.console import Console
from rich.markup import escape

from innohub import interrupts
from innohub.cli.database import engine_on
from innohub.cli.demonstration import fill, show_accounts
from innohub.cli.supervise import wait_until_healthy, watch
from innohub.db.embedded import EmbeddedPostgres, EmbeddedValkey
from innohub.db.embedded.beside import database_beside
from innohub.db.engine import read_url
from innohub.db.migrate import upgrade
from innohub.errors import InnoHubError
from innohub.processes import Child, FolderLock
from innohub.seed.emptiness import is_empty
from innohub.settings import Settings

OLDEST_POSTGRES = 15
EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, never bound  # nosec B104

console = Console(highlight=False)


def run(settings: Settings) -> None:
    """Start everything, say where it is, and stop it all on SIGINT, SIGTERM or SIGHUP.

    Raises InnoHubError where the port or the data folder is taken, a server does not start, or
    the web process ends.
    """
    settings = at_home(settings)
    interrupts.listen()
    with ExitStack() as stack:
        try:
            _run(settings, stack)
        except KeyboardInterrupt:
            console.print("\nStopping …")
        finally:
            # From here on everything ends within seconds: no second signal may cut it short.
            interrupts.ignore()
    console.print("Stopped. The data is kept.")


def at_home(settings: Settings) -> Settings:
    """The settings with what suits one machine, where the environment says nothing.

    In development: the demonstration market, connectors that may call back to this machine,
    e-mail kept in its mailbox where no mail server is named, and a base URL that follows the port.
    """
    given = settings.model_fields_set
    changes: dict[str, Any] = {"data_dir": settings.data_dir.resolve()}
    if "base_url" not in given:
        host = _reachable(settings.host)
        changes["base_url"] = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    if settings.environment == "development":
        for name in {"demonstration", "outbound_allow_loopback"} - given:
            changes[name] = True
        if "demonstration_mailbox" not in given and settings.smtp_host is None:
            changes["demonstration_mailbox"] = True
    return settings.model_copy(update=changes)


def _run(settings: Settings, stack: ExitStack) -> None:
    folder = settings.data_dir / "run"
    lock = FolderLock(folder)
    lock.acquire()
    stack.callback(lock.release)
    # A web process that outlived a killed run still holds the port: these two stop it first.
    web, worker = _child("web", "serve", folder), _child("worker", "worker", folder)
    for child in (web, worker):
        child.stop_leftover()
    demand_free_port(settings.host, settings.port)

    database_url = _database_url(settings, stack)
    redis_url = _redis_url(settings, stack)
    embedded = settings.database_url is None
    settings = settings.model_copy(update={"database_url": database_url, "redis_url": redis_url})
    with _step("Bringing the database to the newest schema"):
        interrupts.run(upgrade(database_url))
        sandbox_url = interrupts.run(_sandbox_url(settings, embedded=embedded))
    settings = settings.model_copy(update={"sandbox_database_url": sandbox_url})
    if settings.demonstration:
        fill(settings, console)

    web.environment = worker.environment = environment(settings)
    stack.callback(_stop, [web, worker])
    with _step("Starting web and worker"):
        web.start()
        worker.start()
        wait_until_healthy(web, _reachable(settings.host), settings.port)
    _announce(settings, folder)
    watch(web, worker, lambda line: console.print(f"[yellow]{escape(line)}[/yellow]"))


def _database_url(settings: Settings, stack: ExitStack) -> str:
    if settings.database_url:
        interrupts.run(demand_database(settings.database_url))
        return settings.database_url
    with _step("Starting PostgreSQL"):
        return stack.enter_context(EmbeddedPostgres(settings.data_dir / "postgres"))


async def _sandbox_url(settings: Settings, *, embedded: bool) -> str | None:
    """The sandbox's database with the newest schema: the one that is named, else one beside the
    embedded. Its market is told when the first program comes: a start waits for none of it."""
    url, own = settings.sandbox_database_url, settings.database_url
    assert own is not None
    if url is None and embedded:
        async with engine_on(settings, own) as engine, engine.connect() as connection:
            fresh = await is_empty(connection)
        url = await database_beside(own, "sandbox", like=fresh)
    if url is not None:
        await upgrade(url)
    return url


def _redis_url(settings: Settings, stack: ExitStack) -> str:
    if settings.redis_url:
        return settings.redis_url
    with _step("Starting Valkey"):
        return stack.enter_context(EmbeddedValkey(settings.data_dir / "valkey"))


def demand_free_port(host: str, port: int) -> None:
    """Raises InnoHubError where `host:port` cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            # On some systems a bind succeeds beside another listener, and only this fails.
            listener.listen()
        except OSError as error:
            raise InnoHubError(
                f"Port {port} of {host} cannot be used: {error.strerror}. Stop the program that "
                f"holds it, or choose another, for example INNOHUB_PORT={port + 1}."
            ) from error


async def demand_database(url: str) -> None:
    """Raises InnoHubError where DATABASE_URL names no PostgreSQL of version 15 or newer."""
    try:
        connection = await asyncpg.connect(read_url(url), timeout=10)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError) as error:
        raise InnoHubError(
            f"The database of DATABASE_URL cannot be reached: {error or type(error).__name__}"
        ) from error
    version = connection.get_server_version().major
    await connection.close()
    if version < OLDEST_POSTGRES:
        raise InnoHubError(f"DATABASE_URL is PostgreSQL {version}; {OLDEST_POSTGRES} is the oldest")


def environment(settings: Settings) -> dict[str, str]:
    """Ours, with what was decided here, for the web and worker processes."""
    return {
        **os.environ,
        "DATABASE_URL": settings.database_url or "",
        "REDIS_URL": settings.redis_url or "",
        **(
            {"SANDBOX_DATABASE_URL": settings.sandbox_database_url}
            if settings.sandbox_database_url
            else {}
        ),
        "INNOHUB_DATA_DIR": str(settings.data_dir),
        "INNOHUB_BASE_URL": settings.base_url,
        "INNOHUB_DEMONSTRATION": str(settings.demonstration).lower(),
        "INNOHUB_DEMONSTRATION_MAILBOX": str(settings.demonstration_mailbox).lower(),
        "INNOHUB_OUTBOUND_ALLOW_LOOPBACK": str(settings.outbound_allow_loopback).lower(),
        "PYTHONUNBUFFERED": "1",
    }


def _child(name: str, command: str, folder: Path) -> Child:
    arguments = [sys.executable, "-m", "innohub.cli.main", command]
    return Child(name=name, arguments=arguments, folder=folder)


def _stop(children: list[Child]) -> None:
    for child in children:
        child.begin_stop()
    for child in children:
        child.stop()


def _reachable(host: str) -> str:
    return EVERY_ADDRESS.get(host, host)


@contextmanager
def _step(title: str) -> Iterator[None]:
    began = time.monotonic()
    with console.status(f"{title} …"):
        yield
    console.print(f"[green]✓[/green] {title} [dim]({time.monotonic() - began:.1f} s)[/dim]")


def _announce(settings: Settings, folder: Path) -> None:
    console.print(f"\nInnoHub runs at [bold]{settings.base_url}[/bold]")
    if settings.demonstration:
        show_accounts(settings, console)
    console.print(f"Logs: {folder}/web.log and worker.log. Ctrl-C stops the hub.\n")
