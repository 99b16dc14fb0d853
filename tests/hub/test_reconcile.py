"""Comparing both sides: what a hostile system shows, who is refused, and what begins at night."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from innohub.db.unit_of_work import Database
from innohub.errors import NotFound, WrongState
from innohub.hub.commands import PauseConnection, ReconcileConnection
from innohub.hub.connectors.contract import stream_key
from innohub.hub.connectors.manifest import Connector, FieldMapping, Manifest
from innohub.hub.connectors.registry import Registry
from innohub.hub.models import RemoteRecord
from innohub.hub.reconcile.judging import Side, judge
from innohub.hub.reconcile.models import Discrepancy, Kind, Reconciliation, RunState
from innohub.hub.reconcile.running import Reconciler
from innohub.hub.reconcile.service import begin_nightly, forget, reconcile_connection
from innohub.hub.service import pause_connection
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from innohub.identity.models import Role
from tests.factories import a_supplier, somebody
from tests.hub.scene import Supplied, a_connection, a_courier, happen, served

KEY = stream_key(1, "pilot/1")
LISTED = {"value": [{"key": KEY, "id": 1, "revision": 1}]}


def listing_hub(hub: Hub) -> Hub:
    manifest = Manifest.model_validate(
        {
            "name": "listed", "title": "Listed", "summary": "Lists.", "promise": "at_least_once",
            "settings": [{"name": "endpoint", "title": "Where", "kind": "url"}],
            "record": "stream",
            "write": {"method": "PUT", "url": "{config.endpoint}/{record.key}"},
            "listing": {
                "url": "{config.endpoint}/records", "items": "body.value", "next": "body.next",
                "returns": {"key": "key", "id": "id", "revision": "revision"},
            },
            "answers": {"ok": ["2xx"], "rejected": [403], "throttled": [429]},
        }
    )  # fmt: skip
    made = Connector(manifest, FieldMapping(body={"type": "{event.type}"}), "")
    connectors = {one.manifest.name: one for one in hub.registry} | {"listed": made}
    return replace(hub, registry=Registry(connectors))


async def compared(
    database: Database, hub: Hub, outbound: Outbound, answer: Callable[[Request], Response]
) -> Reconciliation:
    """The run over a system that answers so."""

    async def put(request: Request) -> Response:
        return JSONResponse({})

    async def listed(request: Request) -> Response:
        return answer(request)

    routes = [Route("/records", listed), Route("/{key}", put, methods=["PUT"])]
    async with served(Starlette(routes=routes)) as url:
        theirs = listing_hub(hub)
        supplied = await a_connection(
            database, theirs, url, connector="listed", config={"endpoint": url}, secrets={}
        )
        await happen(database, supplied.supplier)
        await a_courier(database, theirs, outbound).drain()
        run = await ask(database, theirs, supplied)
        await Reconciler(database, theirs, outbound).run_due()
    async with database.session() as session:
        return await session.get_one(Reconciliation, run.id)


async def ask(database: Database, hub: Hub, supplied: Supplied) -> Reconciliation:
    actor = supplied.admin.actor
    command = ReconcileConnection(connection_id=supplied.connection.id)
    async with database.unit_of_work(actor.signature()) as work:
        return await reconcile_connection(work, actor, command, hub=hub)


def elsewhere(_: Request) -> Response:
    return JSONResponse({"value": [], "next": "http://169.254.169.254/latest/meta-data"})


def round_and_round(request: Request) -> Response:
    page = int(request.query_params.get("page", 0))
    return JSONResponse({"value": [], "next": f"/records?page={(page + 1) % 3}"})


def for_ever_the_same(request: Request) -> Response:
    page = int(request.query_params.get("page", 0))
    return JSONResponse({**LISTED, "next": f"/records?page={page + 1}"})


def fifty_megabytes(_: Request) -> Response:
    return Response(b'{"value": ["' + b"x" * 50_000_000 + b'"]}', media_type="application/json")


def a_page_for_people(_: Request) -> Response:
    return HTMLResponse("<h1>Sign in</h1>")


def refusal(_: Request) -> Response:
    return JSONResponse({}, 403)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (elsewhere, "another host, 169.254.169.254"),
        (round_and_round, "round in a circle"),
        (for_ever_the_same, "round in a circle"),
        (fifty_megabytes, "longer than what is read"),
        (a_page_for_people, "no list of records"),
        (refusal, "answered 403"),
    ],
)
async def test_a_hostile_listing_ends_the_run_and_changes_nothing(
    database: Database,
    hub: Hub,
    outbound: Outbound,
    answer: Callable[[Request], Response],
    told: str,
) -> None:
    run = await compared(database, hub, outbound, answer)
    assert run.state is RunState.FAILED
    assert told in (run.detail or "")
    async with database.session() as session:
        assert await session.scalar(select(func.count()).select_from(RemoteRecord)) == 1
        assert await session.scalar(select(func.count()).select_from(Discrepancy)) == 0


async def test_a_redirect_is_not_followed_and_the_run_waits(
    database: Database, hub: Hub, outbound: Outbound
) -> None:
    run = await compared(
        database, hub, outbound, lambda _: RedirectResponse("http://10.0.0.1/records")
    )
    assert (run.state, run.tries) == (RunState.RUNNING, 1)
    assert run.detail == "The system answered 307."


async def test_a_run_waits_as_long_as_their_system_asks(
    database: Database, hub: Hub, outbound: Outbound
) -> None:
    run = await compared(
        database, hub, outbound, lambda _: JSONResponse({}, 429, {"retry-after": "300"})
    )
    assert run.state is RunState.RUNNING
    assert run.next_at - database.clock() > timedelta(seconds=250)


async def test_who_may_not_or_cannot_compare_is_refused(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    with pytest.raises(WrongState, match="cannot tell what your system holds"):
        await ask(database, hub, supplied)
    stranger = await somebody(database, await a_supplier(database, "Other"), Role.SUPPLIER_ADMIN)
    with pytest.raises(NotFound):
        await ask(database, hub, replace(supplied, admin=stranger))


async def a_listed_connection(database: Database, hub: Hub) -> Supplied:
    return await a_connection(
        database,
        hub,
        "",
        connector="listed",
        config={"endpoint": "https://records.example"},
        secrets={},
    )


async def test_a_paused_connection_is_not_compared(database: Database, hub: Hub) -> None:
    theirs = listing_hub(hub)
    supplied = await a_listed_connection(database, theirs)
    actor = supplied.admin.actor
    async with database.unit_of_work(actor.signature()) as work:
        command = PauseConnection(connection_id=supplied.connection.id)
        await pause_connection(work, actor, command)
    with pytest.raises(WrongState, match="resume it first"):
        await ask(database, theirs, supplied)
    database.clock.pass_seconds(86_400)  # type: ignore[attr-defined]
    assert await begin_nightly(database, hub=theirs) == 0


class Noon:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 27, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


async def test_each_connection_is_compared_once_a_night(database: Database, hub: Hub) -> None:
    clock = database.clock = Noon()
    theirs = listing_hub(hub)
    supplied = await a_listed_connection(database, theirs)
    await a_connection(database, theirs, "https://x.example", admin=supplied.admin, name="Hook")
    assert await begin_nightly(database, hub=theirs) == 0, "it is new today"

    clock.now = datetime(2026, 11, 28, 1, 59, tzinfo=UTC)
    assert await begin_nightly(database, hub=theirs) == 0
    clock.now = datetime(2026, 11, 28, 2, 1, tzinfo=UTC)
    begun = await asyncio.gather(*(begin_nightly(database, hub=theirs) for _ in range(3)))
    assert sum(begun) == 1, "the webhook cannot tell what it holds"
    with pytest.raises(WrongState, match="compared already"):
        await ask(database, theirs, supplied)

    async with database.session() as session, session.begin():
        run = (await session.scalars(select(Reconciliation))).one()
        run.state, run.ended_at = RunState.DONE, clock.now
    assert await begin_nightly(database, hub=theirs) == 0
    clock.now = datetime(2026, 11, 29, 2, 1, tzinfo=UTC)
    assert await begin_nightly(database, hub=theirs) == 1


async def test_old_reports_are_forgotten(database: Database, hub: Hub) -> None:
    theirs = listing_hub(hub)
    supplied = await a_listed_connection(database, theirs)
    run = await ask(database, theirs, supplied)
    now = database.clock()
    async with database.session() as session, session.begin():
        stored = await session.get_one(Reconciliation, run.id)
        stored.state, stored.ended_at = RunState.DONE, now
        session.add(
            Discrepancy(
                organisation_id=run.organisation_id, reconciliation_id=run.id, kind=Kind.FOREIGN,
                detail="", created_at=now,
            )
        )  # fmt: skip
        await session.flush()
        assert await forget(session, now=now + timedelta(days=89)) == 0
        assert await forget(session, now=now + timedelta(days=91)) == 2


def side(**changes: Any) -> Side:
    return Side(**{"remote_id": "1", "etag": None, "revision": 2, "digest": "d"} | changes)


@pytest.mark.parametrize(
    ("shown", "kind"),
    [
        ([side()], None),
        ([side(digest=None, revision=None)], None),
        ([side(remote_id=None)], None),
        ([], Kind.MISSING),
        ([side(revision=1)], Kind.STALE),
        ([side(digest="other")], Kind.STALE),
        ([side(revision=3)], Kind.AHEAD),
        ([side(), side(remote_id="2")], Kind.DUPLICATE),
        ([side(copies=2)], Kind.DUPLICATE),
    ],
)
def test_what_differs_is_judged(shown: list[Side], kind: Kind | None) -> None:
    judged = judge(side(), shown)
    assert (judged.kind if judged else None) == kind


def test_a_version_that_we_know_needs_no_hash() -> None:
    assert judge(side(etag="e"), [side(etag="e", digest="as their system writes it")]) is None


def test_of_several_the_one_that_we_write_to_counts() -> None:
    others = [side(remote_id="0", revision=9), side(remote_id="9", revision=1), side(revision=1)]
    judged = judge(side(), others)
    assert judged is not None
    assert judged.theirs == side(revision=1)
    assert (judged.older, len(judged.surplus)) == (True, 2)


def test_else_the_newest_counts_and_of_these_the_first() -> None:
    others = [side(remote_id="12"), side(remote_id="7"), side(remote_id="3", revision=1)]
    judged = judge(side(remote_id="gone"), others)
    assert judged is not None
    assert judged.theirs == side(remote_id="7")
