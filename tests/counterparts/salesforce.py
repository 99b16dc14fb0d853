"""A stand-in for one object of a Salesforce org, by its REST API guide: an external ID that is
unique, a validation rule against older revisions, limits and sessions. simple-salesforce judges it.
"""

import base64
import itertools
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from innohub.db.unit_of_work import utc_now
from tests.counterparts.standing_in import Log, refused
from tests.hub.keys import Pair
from tests.hub.scene import served

OBJECT = "InnoHub_Result__c"
KEY = "InnoHub_Key__c"
REVISION = "InnoHub_Revision__c"
CLIENT_ID, CLIENT_SECRET, USERNAME = "3MVG9.innohub", "a+secret/of=theirs", "innohub@yours.example"
AUDIENCE = "https://login.salesforce.com"
CHANGED = re.compile(
    rf"SELECT Id,{KEY},Stage__c,Note__c FROM {OBJECT} WHERE {KEY} LIKE 'ih-%' "
    r"AND SystemModstamp >= (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) ORDER BY Id"
)
OF_OBJECT = f"/services/data/v66.0/sobjects/{OBJECT}"


@dataclass
class Org:
    """`pair`: the key whose certificate was uploaded. `strict`: whether a token's times must be
    numbers, as RFC 7519 has them; Salesforce itself also takes digits in a text."""

    pair: Pair
    strict: bool = False
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    stamps: dict[str, datetime] = field(default_factory=dict)
    """When each record was last changed."""
    log: Log = field(default_factory=Log)
    claims: list[dict[str, Any]] = field(default_factory=list)
    """Of each assertion that came, whether it was believed or not."""
    used: int = 18
    allowed: int = 15_000
    url: str = ""
    _sessions: set[str] = field(default_factory=set)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    async def token(self, request: Request, content: bytes) -> Response:
        given = {name: values[0] for name, values in parse_qs(content.decode()).items()}
        if given.get("grant_type") == "client_credentials":
            basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
            if request.headers.get("authorization") != f"Basic {basic}":
                return refused(400, {"error": "invalid_client", "error_description": "invalid"})
        elif not self._believed(given.get("assertion", "")):
            told = {"error": "invalid_grant", "error_description": "invalid assertion"}
            return refused(400, told)
        session = f"00Dxx!{next(self._numbers)}"
        self._sessions.add(session)
        # Without expires_in, as they do it.
        return JSONResponse(
            {
                "access_token": session,
                "instance_url": self.url,
                "id": f"{AUDIENCE}/id/00Dxx/005xx",
                "token_type": "Bearer",
                "issued_at": "1795770000000",
                "signature": "c2lnbmVk",
            }
        )

    def _believed(self, assertion: str) -> bool:
        try:
            read = jwt.decode(assertion, RSAKey.import_key(self.pair.certificate_pem), ["RS256"])
        except (JoseError, ValueError):
            return False
        self.claims.append(dict(read.claims))
        wanted = {"iss": CLIENT_ID, "sub": USERNAME, "aud": AUDIENCE}
        ends = read.claims.get("exp")
        if self.strict and not isinstance(ends, int):
            return False
        soon = 0 < int(str(ends)) - utc_now().timestamp() <= 300
        return soon and all(read.claims.get(name) == value for name, value in wanted.items())

    async def expire(self, request: Request, content: bytes) -> Response:
        self._sessions.clear()
        return Response()

    def _usage(self) -> dict[str, str]:
        self.used += 1
        return {"Sforce-Limit-Info": f"api-usage={self.used}/{self.allowed}"}

    def _turned_away(self, request: Request) -> Response | None:
        if request.headers.get("authorization", "")[len("Bearer ") :] not in self._sessions:
            return _fault(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if request.path_params.get("key") == "limited" or self.used >= self.allowed:
            return _fault(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        if request.path_params.get("key") == "double":
            return refused(300, [f"{OF_OBJECT}/a01000000000001", f"{OF_OBJECT}/a01000000000002"])
        return None

    async def upsert(self, request: Request, content: bytes) -> Response:
        away = self._turned_away(request)
        if away is not None:
            return away
        given, key = json.loads(content), request.path_params["key"]
        if KEY in given or "Id" in given:
            told = f"The {KEY} field should not be specified in the sobject data."
            return _fault(400, "INVALID_FIELD", told, KEY)
        held = self.records.get(key)
        if held is not None and given.get(REVISION, 0) < held.get(REVISION, 0):
            return _fault(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "INNOHUB_OLDER", REVISION)
        made = held is None
        record = self.records.setdefault(key, {"Id": f"a01{next(self._numbers):015}", KEY: key})
        record |= given
        self.stamps[key] = utc_now()
        told = {"id": record["Id"], "success": True, "errors": [], "created": made}
        return JSONResponse(told, 201 if made else 200, self._usage())

    async def read(self, request: Request, content: bytes) -> Response:
        away = self._turned_away(request)
        if away is not None:
            return away
        held = self.records.get(request.path_params["key"])
        if held is None:
            return _fault(404, "NOT_FOUND", "The requested resource does not exist")
        # Their numbers come back as doubles.
        return JSONResponse({**held, REVISION: float(held[REVISION])}, headers=self._usage())

    async def query(self, request: Request, content: bytes) -> Response:
        away = self._turned_away(request)
        if away is not None:
            return away
        asked = request.query_params.get("q", "")
        of_ours = f"SELECT Id,{KEY},{REVISION} FROM {OBJECT} WHERE {KEY} LIKE 'ih-%' ORDER BY Id"
        changed = CHANGED.fullmatch(asked)
        if changed is not None:
            return self._changed(datetime.fromisoformat(changed[1]))
        if asked != of_ours:
            return _fault(400, "MALFORMED_QUERY", f"unexpected token: {asked}")
        rows = sorted(self.records.values(), key=lambda each: str(each["Id"]))
        found = [{name: row.get(name) for name in ("Id", KEY, REVISION)} for row in rows]
        return JSONResponse({"totalSize": len(found), "done": True, "records": found})

    def _changed(self, since: datetime) -> Response:
        rows = [each for each in self.records.values() if self.stamps[each[KEY]] >= since]
        names = ("Id", KEY, "Stage__c", "Note__c")
        found = [{name: row.get(name) for name in names} for row in rows]
        return JSONResponse({"totalSize": len(found), "done": True, "records": found})


def _fault(status: int, code: str, message: str, *fields: str) -> Response:
    return refused(status, [{"message": message, "errorCode": code, "fields": list(fields)}])


@asynccontextmanager
async def an_org(pair: Pair, *, strict: bool = False) -> AsyncIterator[Org]:
    org = Org(pair, strict)
    at = f"{OF_OBJECT}/{KEY}/{{key}}"
    noting = org.log.noting
    app = Starlette(
        routes=[
            Route("/services/oauth2/token", noting(org.token), methods=["POST"]),
            Route("/expire", noting(org.expire), methods=["POST"]),
            Route(at, noting(org.upsert), methods=["PATCH"]),
            Route(at, noting(org.read), methods=["GET"]),
            Route("/services/data/v66.0/query", noting(org.query)),
            Route("/services/data/v66.0/query/", noting(org.query)),
        ]
    )
    async with served(app) as url:
        org.url = url
        yield org
