"""Secrets where things go wrong: wrong grants, a delivery that is refused by a system which says
aloud what it was sent, a handler that breaks, a statement that the database refuses. Each is looked
for in every log line with its traceback, in the answers, the spans, the audit trail and the log of
deliveries."""

import base64
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import select, text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from innohub.db.unit_of_work import Database
from innohub.hub.models import Attempt
from innohub.hub.wire.outbound import Outbound
from innohub.identity.models import Organisation
from innohub.outbox.models import AuditEntry
from tests.hub.conftest import outbound as outbound
from tests.hub.scene import CLIENT_SECRET, a_connection, a_courier, served
from tests.security.flow import VERIFIER, Person, a_program
from tests.web.test_sign_in_page import PASSWORD, a_person
from tests.web.test_tracing import exporter as exporter

TOKEN_OF_THEIRS = "theirs-0123456789-abcdef"
FEED = "cal_0123456789abcdefghijklmnop"


@contextmanager
def every_line() -> Iterator[list[str]]:
    """Log lines as an operator reads them, tracebacks and all, of whatever level."""
    lines: list[str] = []

    def keep(logger: object, method: str, event: dict[str, Any]) -> dict[str, Any]:
        lines.append(repr(event))
        raise structlog.DropEvent

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    processors = structlog.get_config()["processors"]
    before, root, level = list(processors), logging.getLogger(), logging.getLogger().level
    processors[:] = [
        structlog.contextvars.merge_contextvars, structlog.processors.format_exc_info, keep,
    ]  # fmt: skip
    handler = Keeping()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # as `logs.configure` has it
    try:
        yield lines
    finally:
        logging.getLogger("httpx2").setLevel(logging.NOTSET)
        processors[:] = before
        root.removeHandler(handler)
        root.setLevel(level)


async def breaks(request: Request) -> Response:
    raise RuntimeError("A handler that breaks.")


async def refused_by_the_database(request: Request) -> Response:
    secret = (await request.body()).decode()
    async with request.app.state.database.session() as session:
        await session.execute(text("INSERT INTO nowhere VALUES (:secret)"), {"secret": secret})
    return PlainTextResponse("never")


async def parrot(scope: Scope, receive: Receive, send: Send) -> None:
    """A supplier's system: it gives tokens, refuses every event, and repeats what it was sent."""
    request = Request(scope, receive)
    if scope["path"] == "/token":
        given = {"access_token": TOKEN_OF_THEIRS, "token_type": "Bearer", "expires_in": 3600}
        await JSONResponse(given)(scope, receive, send)
        return
    said = dict(request.headers.items())
    await JSONResponse({"error": "refused", "you_sent": said}, 422)(scope, receive, send)


async def test_nothing_secret_shows_where_things_go_wrong(
    app: Starlette,
    database: Database,
    outbound: Outbound,
    ada: Person,
    supplier: Organisation,
    exporter: InMemorySpanExporter,
) -> None:
    routes = [
        Route("/calendar/{token}/broken", breaks, methods=["POST"]),
        Route("/statement", refused_by_the_database, methods=["POST"]),
    ]
    app.router.routes[:0] = routes
    secrets = {
        "password": PASSWORD, "verifier": VERIFIER, "feed's token": FEED,
        "vault key": app.state.settings.vault_secret,
        "cookie key": app.state.settings.session_secret,
        "credential": CLIENT_SECRET, "token of theirs": TOKEN_OF_THEIRS,
    }  # fmt: skip
    answers: list[str] = []
    with every_line() as lines:
        await _wrong_grants(database, ada, supplier, secrets, answers)
        await _broken_handlers(ada, secrets, answers)
        async with served(parrot) as url:
            supplied = await a_connection(database, app.state.hub, url)
            secrets["signing secret"] = supplied.signing_secret
            await ada.sign_in_as(supplied.admin.person)
            await ada.send(f"/integrations/{supplied.connection.id}", "test", {})
            await a_courier(database, app.state.hub, outbound).drain()
    async with database.session() as session:
        trail = [repr((e.detail, e.reason)) for e in await session.scalars(select(AuditEntry))]
        tries = [_told(one) for one in await session.scalars(select(Attempt))]
    assert any("you_sent" in one for one in tries), "the refusal is there to be read"
    spans = exporter.get_finished_spans()
    shown = {
        "the log": lines, "an answer": answers, "a span": [one.to_json() for one in spans],
        "the trail": trail, "the log of deliveries": tries,
    }  # fmt: skip
    assert all(shown.values())
    leaks = [
        f"the {name} shows in {place}: {one[:300]}"
        for place, said in shown.items()
        for one in said
        for name, secret in secrets.items()
        if secret in one or _encoded(secret) in one
    ]
    assert leaks == []


async def _wrong_grants(
    database: Database,
    ada: Person,
    supplier: Organisation,
    secrets: dict[str, str],
    answers: list[str],
) -> None:
    person = await a_person(database)
    browser = Person(ada.app, ada.app.state.settings.base_url)
    async with browser.client:
        for password in (PASSWORD + "x", PASSWORD):
            given = {"email": person.email, "password": password}
            page = await browser.send("/login", "sign_in", given)
            answers.append(page.response.text)
    secrets["session"] = next(
        value.rpartition(".")[0]
        for name, value in ada.client.cookies.items()
        if name.endswith("innohub_session")
    )
    program = await a_program(database, supplier)
    assert program.secret is not None
    secrets["client secret"] = program.secret
    secrets["code"] = code = await ada.code_for(program)
    post = ada.client.post
    wrong = [
        program.shows(code, code_verifier="x" * 50),
        program.shows(code),
        {"grant_type": "refresh_token", "refresh_token": "irt_" + "y" * 40},
    ]
    answers += [(await program.post(ada.client, form)).text for form in wrong]
    told = await ada.tokens_for(program)
    secrets["access token"], secrets["refresh token"] = told["access_token"], told["refresh_token"]
    bearer = {"authorization": f"Bearer {told['access_token']}"}
    queries = ['mutation { startPilot(input: {pilotId: "x"}) { __typename } }', "{ nothing }"]
    answers += [
        (await post("/graphql", json={"query": query}, headers=bearer)).text for query in queries
    ]
    fresh = (await program.refreshes(ada.client, told["refresh_token"])).json()
    secrets["second refresh token"] = fresh["refresh_token"]
    used = (told["refresh_token"], fresh["refresh_token"])
    answers += [(await program.refreshes(ada.client, token)).text for token in used]
    answers.append((await post("/graphql", json={"query": "{ a }"}, headers=bearer)).text)


async def _broken_handlers(ada: Person, secrets: dict[str, str], answers: list[str]) -> None:
    headers = {
        "sec-fetch-site": "same-origin",
        "authorization": f"Bearer {secrets['access token']}",
    }
    address = f"/calendar/{FEED}/broken?code={secrets['code']}"
    for path, body in ((address, ""), ("/statement", secrets["client secret"])):
        answer = await ada.client.post(path, content=body, headers=headers)
        assert answer.status_code == 500
        answers.append(answer.text)


def _told(attempt: Attempt) -> str:
    return repr(
        {column.name: getattr(attempt, column.name) for column in attempt.__table__.columns}
    )


def _encoded(secret: str) -> str:
    return base64.b64encode(secret.encode()).decode().rstrip("=")
