"""A stand-in for one object of a HubSpot portal, with a property that is unique, and for HubSpot's
token endpoint, by its documentation. hubspot-api-client judges it."""

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
from tests.counterparts.carried import case_of
from tests.counterparts.standing_in import Log, driven, refused
from tests.hub.scene import served

OBJECT, UNIQUE = "2-1234567", "innohub_key"
TOKEN = "a-token"
AT = f"/crm/v3/objects/{OBJECT}"
NUMBERS = ("innohub_revision", "innohub_effect", "innohub_grade")
"""Properties that are numbers over there."""


def fault(category: str, message: str, **more: Any) -> dict[str, Any]:
    return {"status": "error", "category": category, "message": message, **more}


@dataclass
class Portal:
    """`left`: requests until the limit of ten seconds."""

    log: Log = field(default_factory=Log)
    records: dict[str, dict[str, str]] = field(default_factory=dict)
    left: int = 100
    forgets: bool = False
    """It says yes, and names no record."""
    url: str = ""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(7_700))

    async def token(self, request: Request, content: bytes) -> Response:
        given = parse_qs(content.decode(), strict_parsing=True)
        if given["grant_type"] == ["refresh_token"] and given["client_secret"] == ["s3cret"]:
            shown = {"refresh_token": given["refresh_token"][0], "access_token": TOKEN}
            return JSONResponse(shown | {"expires_in": 1_800, "token_type": "bearer"})
        return refused(400, fault("BAD_CLIENT_SECRET", "missing or invalid client secret"))

    def _turned_away(self, request: Request) -> Response | None:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            told = "The OAuth token used to make this call expired."
            return refused(401, fault("EXPIRED_AUTHENTICATION", told))
        self.left -= 1
        if self.left < 0:
            about = {"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}
            told = "You have reached your ten_secondly_rolling limit."
            return refused(429, fault("RATE_LIMITS", told, **about))
        return None

    def _answer(self, body: Any, status: int = 200) -> Response:
        most = {"X-HubSpot-RateLimit-Max": "100", "X-HubSpot-RateLimit-Remaining": str(self.left)}
        return JSONResponse(body, status, most)

    async def upsert(self, request: Request, content: bytes) -> Response:
        away = self._turned_away(request)
        if away is not None:
            return away
        results, errors = [], []
        for given in json.loads(content)["inputs"]:
            wrong = _wrong(given["properties"])
            if wrong:
                context = {"objectWriteTraceId": [given["objectWriteTraceId"]]}
                errors.append(fault("VALIDATION_ERROR", wrong, context=context))
            else:
                results.append(self._kept(given))
        found: dict[str, Any] = {"status": "COMPLETE", "results": [] if self.forgets else results}
        found |= {"startedAt": "2026-11-27T09:00:00Z", "completedAt": "2026-11-27T09:00:00Z"}
        if errors:
            # Not a refusal: their status for a batch that went well in part, or in no part.
            return self._answer(found | {"numErrors": len(errors), "errors": errors}, 207)
        return self._answer(found)

    def _kept(self, given: dict[str, Any]) -> dict[str, Any]:
        assert given["idProperty"] == UNIQUE
        new = given["id"] not in self.records
        if not self.forgets:
            number = {"hs_object_id": str(next(self._numbers)), UNIQUE: given["id"]}
            self.records.setdefault(given["id"], number).update(given["properties"])
        held = self.records.get(given["id"], {"hs_object_id": "0"})
        return {**_shown(held), "new": new, "objectWriteTraceId": given["objectWriteTraceId"]}

    async def read(self, request: Request, content: bytes) -> Response:
        away = self._turned_away(request)
        if away is not None:
            return away
        held = self.records.get(request.path_params["key"])
        if held is None or request.query_params["idProperty"] != UNIQUE:
            return refused(404, fault("OBJECT_NOT_FOUND", "Object not found."))
        return self._answer(_shown(held))

    async def page(self, request: Request, content: bytes) -> Response:
        away = self._turned_away(request)
        if away is not None:
            return away
        held = list(self.records.values())
        return self._answer(_page(held, int(request.query_params.get("after", 0))))

    async def search(self, request: Request, content: bytes) -> Response:
        """What has all properties that are filtered for, in pages."""
        away = self._turned_away(request)
        if away is not None:
            return away
        given = json.loads(content)
        [filters] = [each["filters"] for each in given["filterGroups"]]
        if any(each["operator"] != "HAS_PROPERTY" for each in filters):
            return refused(400, fault("VALIDATION_ERROR", "unknown operator"))
        names = [each["propertyName"] for each in filters]
        held = [each for each in self.records.values() if all(each.get(name) for name in names)]
        found = _page(held, int(given.get("after", 0)))
        return self._answer({"total": len(held), **found})


def _page(held: list[dict[str, str]], start: int, size: int = 2) -> dict[str, Any]:
    body: dict[str, Any] = {"results": [_shown(each) for each in held[start : start + size]]}
    if start + size < len(held):
        body["paging"] = {"next": {"after": str(start + size)}}
    return body


def _wrong(properties: dict[str, Any]) -> str | None:
    for name, value in properties.items():
        if not isinstance(value, str):
            return f"{name} is not a string"
        if name in NUMBERS and not value.lstrip("-").replace(".", "", 1).isdigit():
            return f'"{value}" is not a valid number.'
    return None


def _shown(held: dict[str, str]) -> dict[str, Any]:
    at = {"createdAt": "2026-11-27T09:00:00Z", "updatedAt": "2026-11-27T09:00:00Z"}
    return {"id": held["hs_object_id"], "properties": held, "archived": False, **at}


@asynccontextmanager
async def a_portal() -> AsyncIterator[Portal]:
    portal = Portal()
    noting = portal.log.noting
    app = Starlette(
        routes=[
            Route("/oauth/{version}/token", noting(portal.token), methods=["POST"]),
            Route(f"{AT}/batch/upsert", noting(portal.upsert), methods=["POST"]),
            Route(f"{AT}/search", noting(portal.search), methods=["POST"]),
            Route(AT, noting(portal.page), methods=["GET"]),
            Route(AT + "/{key}", noting(portal.read), methods=["GET"]),
        ]
    )
    async with served(app) as url:
        portal.url = url
        yield portal


async def of_hubspots_library(portal: Portal, spend: int = 0) -> dict[str, Any]:
    """What hubspot-api-client says when it works with the portal."""
    return await driven(
        "hubspot",
        url=portal.url,
        token=TOKEN,
        object=OBJECT,
        key=stream_key(SUPPLIER_ID, STREAM),
        spend=spend,
        first=_body("a record is made"),
        newer=_body("the result is corrected"),
    )


def _body(case: str) -> Any:
    return case_of("hubspot", case).exchanges[0].request.body
