"""A market of a given size in an embedded PostgreSQL, and somebody of a force to read it."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from innohub.db import migrate
from innohub.db.embedded import EmbeddedPostgres
from innohub.db.engine import create_engine, read_url
from innohub.identity import sessions
from innohub.identity.models import Membership, Organisation, Person, Role
from innohub.settings import Settings
from innohub.web.security import cookies

SQL = Path(__file__).parent / "sql"
BORN = "2026-10-01"
"""The day before which everything happened."""

ORPHANS = """
SELECT format('SELECT count(*) FROM %s c WHERE %s AND NOT EXISTS (SELECT 1 FROM %s p WHERE %s)',
              c.conrelid::regclass,
              (SELECT string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ')
               FROM unnest(c.conkey) k
               JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k),
              c.confrelid::regclass,
              (SELECT string_agg(format('p.%I = c.%I', b.attname, a.attname), ' AND ')
               FROM unnest(c.conkey, c.confkey) k(child, parent)
               JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.child
               JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.parent)
       ) AS query, c.conname
FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
"""


@dataclass(frozen=True)
class Scale:
    """How many rows of each table."""

    technologies: int = 20_000
    suppliers: int = 1_000
    ratings: int = 100_000
    pilots: int = 30_000
    results: int = 300_000
    in_full: int = 20_000
    """Technologies with sections and assurance items; the pilots up to 1.5 times that number have
    protocols and results. The browse query reads none of these."""

    def of(self, technologies: int) -> "Scale":
        """What browsing reads, in proportion; results, sections and assurance as they are."""
        times = technologies / self.technologies
        return Scale(
            technologies,
            round(self.suppliers * times),
            round(self.ratings * times),
            round(self.pilots * times),
            self.results,
            min(self.in_full, technologies),
        )

    def fill(self) -> str:
        """The statements of data.sql with the numbers in their places."""
        text = (SQL / "data.sql").read_text()
        numbers = {
            "N_TECHNOLOGIES": self.technologies,
            "N_SUPPLIERS": self.suppliers,
            "N_RATINGS": self.ratings,
            "N_PILOTS": self.pilots,
            "N_RESULTS": self.results,
            "MOST_TECHNOLOGIES_IN_FULL": self.in_full,
            "MOST_PILOTS_WITH_RESULTS": self.in_full * 3 // 2,
            "BORN": BORN,
        }
        for name, number in numbers.items():
            text = text.replace(name, str(number))
        return text


@dataclass(frozen=True)
class Market:
    """A filled database and the cookie of a force's viewer."""

    url: str
    folder: Path
    cookie: str
    person_id: int
    force_id: int
    force_slug: str

    @property
    def settings(self) -> Settings:
        """The hub's settings on this market; the ones of its web process, too."""
        return settings(self.url, self.folder)


def settings(url: str, folder: Path) -> Settings:
    return Settings(database_url=url, redis_url=None, data_dir=folder, log_level="WARNING")


@contextmanager
def market(folder: Path, scale: Scale) -> Iterator[Market]:
    """A PostgreSQL of its own under `folder`, migrated and filled, until the block ends.

    A folder that was filled before is taken as it is.
    """
    server = EmbeddedPostgres(folder / "postgres", durable=False)
    filled = folder / "filled"
    wanted = scale.fill() + "\n".join(p.read_text() for p in _migrations())
    with server as url:
        if not filled.exists() or filled.read_text() != wanted:
            began = time.monotonic()
            asyncio.run(_fill(url, scale))
            filled.write_text(wanted)
            seconds = time.monotonic() - began
            print(f"Filled {scale.technologies:,} technologies in {seconds:.0f} s", flush=True)
        yield asyncio.run(_signed_in(url, folder))


def _migrations() -> list[Path]:
    return sorted((migrate.SCRIPTS / "versions").glob("*.py"))


async def _fill(url: str, scale: Scale) -> None:
    connection = await asyncpg.connect(read_url(url))
    try:
        await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        await migrate.upgrade(url)
        await connection.execute(scale.fill())
        await connection.execute("VACUUM (ANALYZE)")
        for query, name in await connection.fetch(ORPHANS):
            if await connection.fetchval(query):
                raise RuntimeError(f"data.sql makes rows that break {name}")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _signed_in(url: str, folder: Path) -> Market:
    """Let a new viewer of the first force sign in for the day."""
    own = settings(url, folder)
    engine = create_engine(url, own)
    now = datetime.now(UTC)
    async with AsyncSession(engine) as session:
        force = (
            await session.scalars(
                select(Organisation).where(Organisation.kind == "force").order_by(Organisation.id)
            )
        ).first()
        assert force is not None
        email = f"viewer-{now.timestamp()}@bench.example"
        person = Person(name="A viewer", email=email, password_hash=None, created_at=now)
        session.add(person)
        await session.flush()
        held = Membership(
            person_id=person.id,
            organisation_id=force.id,
            role=Role.FORCE_VIEWER,
            created_at=now,
        )
        session.add(held)
        opened = await sessions.begin(session, person.id, now=now, hours=24)
        response = Response()
        cookies.write(response, cookies.SESSION, opened.token, own)
        cookie = response.headers["set-cookie"].partition(";")[0]
        found = Market(url, folder, cookie, person.id, force.id, force.slug)
        await session.commit()
    await engine.dispose()
    return found
