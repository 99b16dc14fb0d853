"""A stand-in for one table of a ServiceNow instance with its import set table, transform map and
script, and for its token endpoint, by its documentation. pysnc judges the table and the tokens: it
does not know import sets."""

import itertools
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from innohub.hub.conformance.samples import STREAM, SUPPLIER_ID
from innohub.hub.connectors.contract import stream_key
from tests.counterparts.standing_in import Log, driven, refused
from tests.hub.scene import served

STAGING, TARGET = "u_innohub_import", "u_innohub_pilot"
CLIENT_ID, CLIENT_SECRET, TOKEN = "innohub", "s3cret", "a-token"
STATES = {"1": "Open", "2": "Work in Progress"}
MAP = {
    "u_correlation_id": "correlation_id",
    "u_revision": "u_innohub_revision",
    "u_short_description": "short_description",
    "u_description": "description",
}


def failure(status: int, message: str, detail: str = "") -> Response:
    return refused(status, {"error": {"message": message, "detail": detail}, "status": "failure"})


@dataclass
class Instance:
    """`left`: requests until a rule of theirs limits the hour. `mapped`: there is a transform map.
    `scripted`: its script refuses older revisions."""

    log: Log = field(default_factory=Log)
    rows: list[dict[str, str]] = field(default_factory=list)
    left: int = 1_000
    mapped: bool = True
    scripted: bool = True
    url: str = ""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def token(self, request: Request, content: bytes) -> Response:
        given = {name: values[0] for name, values in parse_qs(content.decode()).items()}
        wanted = {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }
        if given != wanted:
            return refused(401, {"error": "server_error", "error_description": "access_denied"})
        return JSONResponse({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 1_799})

    def _turned_away(self, request: Request) -> Response | None:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            told = "Required to provide Auth information"
            return failure(401, "User Not Authenticated", told)
        self.left -= 1
        if self.left < 0:
            answer = failure(429, "Rate limit exceeded", "Rejected by large number of requests")
            answer.headers["Retry-After"] = "1800"
            return answer
        return None

    async def import_row(self, request: Request, content: bytes) -> Response:
        away = self._turned_away(request)
        if away is not None:
            return away
        taken = [self._transformed(json.loads(content))] if self.mapped else []
        number = f"ISET{next(self._numbers):07}"
        body = {"import_set": number, "staging_table": STAGING, "result": taken}
        return JSONResponse(body, 201)

    def _transformed(self, given: dict[str, str]) -> dict[str, Any]:
        about = {"transform_map": "InnoHub", "table": TARGET}
        row = {MAP[name]: value for name, value in given.items() if name in MAP}
        if not row["u_innohub_revision"].isdigit():
            return {**about, "status": "error", "error_message": "u_revision is not a number"}
        held = next(
            (each for each in self.rows if each["correlation_id"] == row["correlation_id"]), None
        )
        if held is None:
            held = {"sys_id": f"{next(self._numbers):032x}", "state": "1", **row}
            self.rows.append(held)
            return {**about, **_named(held), "status": "inserted"}
        older = int(row["u_innohub_revision"]) < int(held["u_innohub_revision"])
        if self.scripted and older:
            return {**about, "status": "skipped"}
        status = "ignored" if held == {**held, **row} else "updated"
        held |= row
        return {**about, **_named(held), "status": status}

    async def query(self, request: Request, content: bytes) -> Response:
        away = self._turned_away(request)
        if away is not None:
            return away
        asked = request.query_params
        terms = asked.get("sysparm_query", "").split("^")
        rows = [each for each in self.rows if all(_meets(each, term) for term in terms)]
        start = int(asked.get("sysparm_offset", 0))
        rows = rows[start : start + int(asked.get("sysparm_limit", 10_000))]
        names = asked["sysparm_fields"].split(",") if "sysparm_fields" in asked else list(MAP)
        read = asked.get("sysparm_display_value") == "true"
        whole = asked.get("sysparm_display_value") == "all"
        shown = [
            {
                name: {"value": row[name], "display_value": _read(row, name)}
                if whole
                else (_read(row, name) if read else row[name])
                for name in names
                if name in row
            }
            for row in rows
        ]
        return JSONResponse({"result": shown}, headers={"X-Total-Count": str(len(shown))})


def _read(row: dict[str, str], name: str) -> str:
    """A value as people read it."""
    return STATES.get(row[name], row[name]) if name == "state" else row[name]


def _meets(row: dict[str, str], term: str) -> bool:
    if "STARTSWITH" in term:
        name, _, start = term.partition("STARTSWITH")
        return row[name].startswith(start)
    if "RELATIVEGE@minute@ago@" in term:
        name, _, minutes = term.partition("RELATIVEGE@minute@ago@")
        return int(row.get("minutes_ago", "0")) <= int(minutes)
    if term.startswith("ORDERBY") or not term:
        return True
    name, _, value = term.partition("=")
    return row[name] == value


def _named(row: dict[str, str]) -> dict[str, str]:
    return {"sys_id": row["sys_id"], "display_name": "number", "display_value": "PIL0001"}


@asynccontextmanager
async def an_instance() -> AsyncIterator[Instance]:
    instance = Instance()
    noting = instance.log.noting
    app = Starlette(
        routes=[
            Route("/oauth_token.do", noting(instance.token), methods=["POST"]),
            Route(f"/api/now/import/{STAGING}", noting(instance.import_row), methods=["POST"]),
            Route(f"/api/now/table/{TARGET}", noting(instance.query), methods=["GET"]),
        ]
    )
    async with served(app) as url:
        instance.url = url
        yield instance


async def of_servicenows_library(instance: Instance, spend: int = 0) -> dict[str, Any]:
    """What pysnc says when it works with the instance."""
    return await driven(
        "servicenow",
        url=instance.url,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        table=TARGET,
        key=stream_key(SUPPLIER_ID, STREAM),
        changed="correlation_idSTARTSWITHih-^sys_updated_onRELATIVEGE@minute@ago@32",
        spend=spend,
    )
