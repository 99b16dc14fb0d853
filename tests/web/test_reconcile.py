"""Both sides of a connection compared, at its page: asked for, under way, done, and who sees it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from sqlalchemy import select
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.db.unit_of_work import Database, utc_now
from innohub.hub.models import Connection, ConnectionState
from innohub.hub.reconcile.models import (
    Discrepancy,
    Kind,
    Mend,
    Phase,
    Reconciliation,
    RunState,
)
from innohub.identity.models import Role
from innohub.settings import Settings
from tests.conftest import empty
from tests.counterparts import CONNECTORS
from tests.factories import Somebody, a_supplier, somebody
from tests.web.browser import WIDTHS, a_port, a_reader, a_session, serving, settings_at
from tests.web.shelf import HOSTILE
from tests.web.visitor import Visitor

KEY = "ih-abcdefghijklmnopqrstuvwxyz"


@dataclass
class Compared:
    """A supplier's connection over a connector that can tell what is there."""

    database: Database
    admin: Somebody
    number: int

    @property
    def path(self) -> str:
        return f"/integrations/{self.number}/reconcile"

    async def run(self, state: RunState, **counts: Any) -> Reconciliation:
        now = self.database.clock()
        fields = {"phase": Phase.GATHERING, "dry_run": False, "nightly": True} | counts
        run = Reconciliation(
            organisation_id=self.admin.organisation.id, connection_id=self.number, state=state,
            next_at=now, created_at=now, **fields,
        )  # fmt: skip
        async with self.database.session() as session, session.begin():
            session.add(run)
        return run

    async def line(self, run: Reconciliation, kind: Kind, mend: Mend, **fields: Any) -> None:
        line = Discrepancy(
            organisation_id=run.organisation_id, reconciliation_id=run.id, kind=kind, mend=mend,
            detail=f"It differs {HOSTILE}", created_at=self.database.clock(),
            **{"record_key": KEY, "stream": "pilot/7"} | fields,
        )  # fmt: skip
        async with self.database.session() as session, session.begin():
            session.add(line)


async def compared(database: Database, connector: str = "kinto") -> Compared:
    admin = await somebody(database, await a_supplier(database, "Plovergate"), Role.SUPPLIER_ADMIN)
    connection = Connection(
        organisation_id=admin.organisation.id, connector=connector, name="Our records",
        state=ConnectionState.ACTIVE, event_types=["pilot.*"], max_attempts=5,
        config={"endpoint": "https://records.plovergate.com"}, created_at=database.clock(),
    )  # fmt: skip
    async with database.session() as session, session.begin():
        session.add(connection)
    return Compared(database, admin, connection.id)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"connector_paths": [CONNECTORS]})


@pytest_asyncio.fixture
async def scene(database: Database) -> Compared:
    return await compared(database)


@pytest.mark.parametrize("dry_run", [False, True])
async def test_a_comparison_is_asked_for_once(
    visitor: Visitor, scene: Compared, dry_run: bool
) -> None:
    await visitor.sign_in_as(scene.admin.person)
    connection = await visitor.see(f"/integrations/{scene.number}")
    assert scene.path in connection.links("Compare both sides")

    page = await visitor.send(scene.path, "reconcile", {"dry_run": "true"} if dry_run else {})

    assert ("changes nothing" in page.flash) is dry_run
    assert "It begins within a few seconds." in page.main.text
    assert not page.has_form("reconcile")
    async with scene.database.session() as session:
        run = (await session.scalars(select(Reconciliation))).one()
    assert (run.state, run.dry_run, run.nightly) == (RunState.QUEUED, dry_run, False)


async def test_a_run_under_way_tells_how_far_it_is(visitor: Visitor, scene: Compared) -> None:
    await scene.run(RunState.RUNNING, listed=1_200, pages=12, detail="The system answered 429.")
    await visitor.sign_in_as(scene.admin.person)
    page = await visitor.see(scene.path)
    assert "1,200 records read so far, on 12 pages" in page.main.text
    assert "The system answered 429. It goes on" in page.main.text


async def test_the_report_has_counts_and_each_difference(visitor: Visitor, scene: Compared) -> None:
    await scene.run(RunState.DONE, missing=4)
    run = await scene.run(RunState.DONE, listed=9, same=7, missing=1, foreign=1, mended=1)
    await scene.line(run, Kind.MISSING, Mend.LINED_UP, our_revision=3)
    await scene.line(run, Kind.FOREIGN, Mend.NONE, stream=None, record_key=None, remote_id="t-1")
    await visitor.sign_in_as(scene.admin.person)

    page = await visitor.see(scene.path)

    foreign, missing = page.main.all("table")[0].one("tbody").all("tr")
    assert KEY in missing.text
    assert "Sent again" in missing.text
    assert HOSTILE in missing.text
    assert "t-1" in foreign.text
    assert "Told only" in foreign.text
    assert "4" in page.main.all("table")[1].text
    narrowed = await visitor.see(f"{scene.path}?kind=foreign")
    assert len(narrowed.main.all("table")[0].one("tbody").all("tr")) == 1
    assert "Nothing of this kind." in (await visitor.see(f"{scene.path}?kind=ahead")).main.text
    assert page.has_form("reconcile")


async def test_why_a_run_failed_is_told(visitor: Visitor, scene: Compared) -> None:
    await scene.run(RunState.FAILED, detail="Their pages lead round in a circle.")
    await visitor.sign_in_as(scene.admin.person)
    page = await visitor.see(scene.path)
    assert "Their pages lead round in a circle." in page.main.text


async def test_a_connector_that_cannot_tell_says_so(visitor: Visitor, database: Database) -> None:
    scene = await compared(database, "webhook")
    await visitor.sign_in_as(scene.admin.person)
    page = await visitor.see(scene.path)
    assert "cannot tell what your system holds" in page.main.text
    assert not page.has_form("reconcile")
    connection = await visitor.see(f"/integrations/{scene.number}")
    assert connection.links("Compare both sides") == []


async def test_others_see_nothing_and_viewers_may_not_ask(
    visitor: Visitor, scene: Compared
) -> None:
    await scene.run(RunState.DONE)
    viewer = await somebody(scene.database, scene.admin.organisation, Role.SUPPLIER_VIEWER)
    rival = await somebody(scene.database, await a_supplier(scene.database), Role.SUPPLIER_ADMIN)
    await visitor.sign_in_as(rival.person)
    assert (await visitor.see(scene.path)).status == 404
    await visitor.sign_in_as(viewer.person)
    page = await visitor.see(scene.path)
    assert page.status == 200
    assert not page.has_form("reconcile")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def live(
    chromium: Browser, migrated_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Starlette, Settings, Compared]]:
    with a_port() as bound:
        settings = settings_at(bound, migrated_url, tmp_path_factory).model_copy(
            update={"connector_paths": [CONNECTORS]}
        )
        app = create_app(settings, clock=utc_now)
        await empty(app.state.database)
        scene = await compared(app.state.database)
        await scene.run(RunState.DONE, listed=9, same=9, dry_run=True)
        run = await scene.run(
            RunState.DONE, listed=1_204, same=1_196, missing=2, stale=1, ahead=1, foreign=1,
            duplicate=1, mended=5,
        )  # fmt: skip
        for kind, mend in zip(Kind, Mend, strict=True):
            await scene.line(run, kind, mend, our_revision=4, their_revision=3, remote_id="t-1204")
        async with serving(app, bound):
            yield app, settings, scene


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
async def test_the_report_has_no_barrier(
    chromium: Browser, live: tuple[Starlette, Settings, Compared], width: int
) -> None:
    app, settings, scene = live
    token = await a_session(app, scene.admin.person)
    async with a_reader(chromium, settings, width, token) as reader:
        assert await reader.open(scene.path) == 200
        await reader.check()
