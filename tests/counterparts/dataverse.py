"""A stand-in for one table of a Dataverse environment, by Microsoft's Web API guide: an alternate
key, row versions, and a limit; with Entra's token endpoint. Microsoft's own client library and MSAL
judge it."""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from innohub.db.unit_of_work import utc_now
from tests.counterparts.standing_in import Log, refused
from tests.hub.keys import Pair

ENVIRONMENT = "https://yours.crm11.dynamics.com"
TENANT = "00000000-0000-0000-0000-000000000001"
CLIENT_ID = "00000000-0000-0000-0000-000000000002"
CLIENT_SECRET = "a~secret.of_theirs"
TABLE, ENTITY_SET = "innohub_pilotresult", "innohub_pilotresults"
ROW = re.compile(rf"{ENTITY_SET}\(innohub_key='((?:[^']|'')*)'\)")
COLUMN = re.compile(r"innohub_[a-z]+")
CHANGED = re.compile(r"innohub_key ne null and modifiedon ge (\S+Z)")
ANNOTATION = "OData.Community.Display.V1.FormattedValue"
STATES = {1: "Active", 2: "Rolled out"}
TOKEN_URL = f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"
PAGE = 2


class LongHeaders(JWSRegistry):
    """MSAL sends the certificate in the header."""

    max_header_length = 8_192


@dataclass
class Environment:
    """`pair`: the application's certificate."""

    pair: Pair
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    stamps: dict[str, datetime] = field(default_factory=dict)
    """When each row was last changed."""
    log: Log = field(default_factory=Log)
    assertions: list[tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    """Header and claims of each that was believed."""
    limited: bool = False
    _versions: int = 1_000
    _made: int = 0

    @property
    def app(self) -> Starlette:
        noting, api = self.log.noting, "/api/data/v9.2"
        issuer = f"/{TENANT}/v2.0/.well-known/openid-configuration"
        return Starlette(
            routes=[
                Route(issuer, noting(self.discovery)),
                Route("/limit", noting(self.limit), methods=["POST"]),
                Route(f"/{TENANT}/oauth2/v2.0/token", noting(self.token), methods=["POST"]),
                Route(f"{api}/{{rest:path}}", noting(self.api), methods=["GET", "PATCH"]),
            ]
        )

    async def discovery(self, request: Request, content: bytes) -> Response:
        issuer = f"https://login.microsoftonline.com/{TENANT}"
        return JSONResponse(
            {
                "issuer": f"{issuer}/v2.0",
                "authorization_endpoint": f"{issuer}/oauth2/v2.0/authorize",
                "token_endpoint": TOKEN_URL,
            }
        )

    async def limit(self, request: Request, content: bytes) -> Response:
        self.limited = True
        return Response()

    async def token(self, request: Request, content: bytes) -> Response:
        given = {name: values[0] for name, values in parse_qs(content.decode()).items()}
        known = given.get("client_id") == CLIENT_ID
        proven = given.get("client_secret") == CLIENT_SECRET or self._signed(given)
        if not known or not proven or given.get("scope") != f"{ENVIRONMENT}/.default":
            told = {"error": "invalid_client", "error_description": "AADSTS7000215: invalid"}
            return refused(401, told)
        answer = {"token_type": "Bearer", "expires_in": 3599, "access_token": "eyJ.theirs"}
        return JSONResponse(answer)

    def _signed(self, given: dict[str, str]) -> bool:
        key = RSAKey.import_key(self.pair.certificate_pem)
        registry = LongHeaders(algorithms=["PS256"])
        try:
            read = jwt.decode(given.get("client_assertion", ""), key, registry=registry)
        except (JoseError, ValueError):
            return False
        self.assertions.append((dict(read.header), dict(read.claims)))
        return read.claims.get("aud") == TOKEN_URL

    async def api(self, request: Request, content: bytes) -> Response:
        if request.headers.get("authorization") != "Bearer eyJ.theirs":
            return _fault(401, "0x80072560", "The user is not a member of the organization.")
        if self.limited:
            told = "Number of requests exceeded the limit of 6000 over 300 seconds."
            return _fault(429, "0x80072322", told, Retry_After="17")
        rest = unquote(request.path_params["rest"])
        if rest.startswith("EntityDefinitions"):
            return self._metadata(rest)
        row = ROW.fullmatch(rest)
        if row is None:
            if rest == ENTITY_SET and request.method == "GET":
                return self._page(request)
            return _fault(404, "0x8006088a", f"Resource not found for the segment '{rest}'.")
        key = row[1].replace("''", "'")
        return self._read(key) if request.method == "GET" else self._write(request, key, content)

    def _metadata(self, rest: str) -> Response:
        if rest != "EntityDefinitions":
            return JSONResponse({"value": []})
        names = {"LogicalName": TABLE, "EntitySetName": ENTITY_SET}
        return JSONResponse({"value": [{**names, "PrimaryIdAttribute": f"{TABLE}id"}]})

    def _read(self, key: str) -> Response:
        row = self.rows.get(key)
        return JSONResponse(row) if row else _missing()

    def _page(self, request: Request) -> Response:
        begins = int(request.query_params.get("$skiptoken", "0"))
        rows = [self.rows[key] for key in sorted(self.rows)]
        changed = CHANGED.fullmatch(request.query_params.get("$filter", ""))
        if changed is not None:
            rows = self._changed(rows, datetime.fromisoformat(changed[1]), request)
        found: dict[str, Any] = {"value": rows[begins : begins + PAGE]}
        if begins + PAGE < len(rows):
            at = f"{ENVIRONMENT}/api/data/v9.2/{ENTITY_SET}?$skiptoken={begins + PAGE}"
            found["@odata.nextLink"] = at
        return JSONResponse(found)

    def _changed(
        self, rows: list[dict[str, Any]], since: datetime, request: Request
    ) -> list[dict[str, Any]]:
        """With what people read in place of a number, where that was asked for."""
        found = [each for each in rows if self.stamps[each["innohub_key"]] >= since]
        if f'include-annotations="{ANNOTATION}"' not in request.headers.get("prefer", ""):
            return found
        return [{**each, f"statuscode@{ANNOTATION}": STATES[each["statuscode"]]} for each in found]

    def _write(self, request: Request, key: str, content: bytes) -> Response:
        given, row = json.loads(content), self.rows.get(key)
        match, none_match = request.headers.get("if-match"), request.headers.get("if-none-match")
        if none_match == "*" and row is not None:
            return _fault(412, "0x80060882", "A record with matching key values already exists.")
        if match is not None and row is None:
            return _missing()
        if match not in (None, "*") and row is not None and row["@odata.etag"] != match:
            told = "The version of the existing record doesn't match the RowVersion provided."
            return _fault(412, "0x80060882", told)
        for name in given:
            if not COLUMN.fullmatch(name):
                told = f"Invalid property '{name}' was found in entity '{TABLE}'."
                return _fault(400, "0x80048d19", told)
        if given.get("innohub_key", key) != key:
            return _fault(400, "0x80060888", "The key in the request URI is not that of the body.")
        made = row is None
        self._versions += 1
        if row is None:
            self._made += 1
            row = {
                "statuscode": 1,
                f"{TABLE}id": f"7f5f2a3c-0b1d-4e52-9a64-{self._made:012}",
                "innohub_key": key,
            }
        self.stamps[key] = utc_now()
        self.rows[key] = {**row, **given, "@odata.etag": f'W/"{self._versions}"'}
        if "return=representation" in request.headers.get("prefer", ""):
            return JSONResponse(self.rows[key], 201 if made else 200)
        at = f"{ENVIRONMENT}/api/data/v9.2/{ENTITY_SET}({row[f'{TABLE}id']})"
        return Response(status_code=204, headers={"OData-EntityId": at})


def _missing() -> Response:
    told = f"A record with the specified key values does not exist in {TABLE} entity"
    return _fault(404, "0x80060891", told)


def _fault(status: int, code: str, message: str, **headers: str) -> Response:
    return refused(status, {"error": {"code": code, "message": message}}, **headers)
