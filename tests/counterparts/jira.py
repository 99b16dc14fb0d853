"""A stand-in for one site of Jira Cloud, by Atlassian's documentation of its REST API v3. The
library jira judges it."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from innohub.db.unit_of_work import utc_now
from tests.counterparts.issues import Issue, Issues, Said, Turned
from tests.counterparts.standing_in import refused
from tests.hub.scene import served

CLOUD_ID, PROJECT = "11223344-a1b2-3b33-c444-def123456789", "POL"
AT = f"/ex/jira/{CLOUD_ID}/rest/api/3"
UPDATED = re.compile(r"updated >= -(\d+)m")
LABELLED = re.compile(r'labels = "?([a-z0-9-]+)"?')


def fault(status: int, message: str | None = None, **errors: str) -> Response:
    return refused(status, {"errorMessages": [message] if message else [], "errors": errors})


@dataclass
class Jira(Issues):
    project: str = field(default=PROJECT)

    def _turned_away(self, request: Request) -> Turned:
        if not self.knows(request):
            return refused(401, {"code": 401, "message": "Unauthorized"})
        if not self.spend():
            told = {"errorMessages": ["Rate limit exceeded."], "errors": {}}
            return refused(429, told, Retry_After="7", RateLimit_Reason="jira-burst-based")
        return None

    async def server(self, request: Request, content: bytes) -> Response:
        return JSONResponse({"deploymentType": "Cloud", "versionNumbers": [1001, 0, 0]})

    async def fields(self, request: Request, content: bytes) -> Response:
        return JSONResponse([])

    async def search(self, request: Request, content: bytes) -> Response:
        away = self._turned_away(request)
        if away is not None:
            return away
        label = LABELLED.match(request.query_params["jql"])
        if label is None:
            return fault(400, "Unbounded JQL queries are not allowed here.")
        ago = UPDATED.search(request.query_params["jql"])
        since = utc_now() - timedelta(minutes=int(ago[1])) if ago else None
        found = self.since(since) if since else self.carrying(label[1])
        await self.looked()
        properties = request.query_params.get("properties")
        shown = [self._shown(each, _wanted(request), properties) for each in found]
        return JSONResponse({"issues": shown, "isLast": True})

    async def create(self, request: Request, content: bytes) -> Response:
        away = self._turned_away(request)
        if away is not None:
            return away
        given = json.loads(content)
        fields = given["fields"]
        wrong = _wrong(fields)
        if not fields.get("summary"):
            wrong["summary"] = "You must specify a summary of the issue."
        if fields["project"] != {"key": self.project}:
            wrong["project"] = "valid project is required"
        if wrong:
            return fault(400, **wrong)
        issue = self.add(fields["summary"], fields.get("description"), fields.get("labels", []))
        self._keep(issue, given)
        return JSONResponse(self._named(issue), 201)

    async def edit(self, request: Request, content: bytes) -> Response:
        away = self._turned_away(request)
        if away is not None:
            return away
        issue = self.held.get(int(request.path_params["number"]) - 10_000)
        if issue is None:
            return fault(404, "Issue does not exist or you do not have permission to see it.")
        given = json.loads(content)
        fields = given.get("fields", {})
        wrong = _wrong(fields)
        if wrong:
            return fault(400, **wrong)
        issue.title = fields.get("summary", issue.title)
        issue.text = fields.get("description", issue.text)
        for operation in given.get("update", {}).get("labels", []):
            issue.labels = operation["set"]
        self._keep(issue, given)
        return Response(status_code=204)

    async def read(self, request: Request, content: bytes) -> Response:
        issue = self.held[int(request.path_params["number"]) - 10_000]
        return JSONResponse(self._shown(issue, {"labels"}))

    async def prop(self, request: Request, content: bytes) -> Response:
        issue = self.held[int(request.path_params["number"]) - 10_000]
        issue.more[request.path_params["name"]] = json.loads(content)
        return JSONResponse(None, 201)

    def _keep(self, issue: Issue, given: dict[str, Any]) -> None:
        issue.more |= {each["key"]: each["value"] for each in given.get("properties", [])}

    def _named(self, issue: Issue) -> dict[str, str]:
        number = str(10_000 + issue.number)
        key = f"{self.project}-{issue.number}"
        return {"id": number, "key": key, "self": f"{self.url}{AT}/issue/{number}"}

    def _shown(
        self, issue: Issue, wanted: set[str], properties: str | None = None
    ) -> dict[str, Any]:
        """Only what was asked for: ids alone, where nothing was."""
        shown: dict[str, Any] = self._named(issue)
        fields: dict[str, Any] = {"labels": issue.labels, "status": {"name": issue.status}}
        fields["comment"] = {"comments": [self._comment(issue, said) for said in issue.said]}
        if names := fields.keys() & wanted:
            shown["fields"] = {name: fields[name] for name in names}
        if properties is not None:
            held = issue.more.get(properties)
            shown["properties"] = {} if held is None else {properties: held}
        return shown

    def _comment(self, issue: Issue, said: Said) -> dict[str, Any]:
        text = {"type": "paragraph", "content": [{"type": "text", "text": said.text}]}
        return {
            "self": f"{self.url}{AT}/issue/{10_000 + issue.number}/comment/20001",
            "author": {"displayName": "Ada Lovelace"},
            "body": {"type": "doc", "version": 1, "content": [text]},
            "created": f"{issue.changed:%Y-%m-%dT%H:%M:%S.000+0000}",
            "jsdPublic": True,
            **said.more,
        }


def _wanted(request: Request) -> set[str]:
    """The fields asked for: one after the other, or with commas between."""
    return {name for each in request.query_params.getlist("fields") for name in each.split(",")}


def _wrong(fields: dict[str, Any]) -> dict[str, str]:
    if "description" in fields and not isinstance(fields["description"], dict):
        return {"description": "Operation value must be an Atlassian Document"}
    return {}


@asynccontextmanager
async def a_jira() -> AsyncIterator[Jira]:
    jira = Jira()
    noting = jira.log.noting
    issue = AT + "/issue/{number:int}"
    app = Starlette(
        routes=[
            Route(f"{AT}/serverInfo", noting(jira.server)),
            Route(f"{AT}/field", noting(jira.fields)),
            Route(f"{AT}/search/jql", noting(jira.search), methods=["GET"]),
            Route(f"{AT}/issue", noting(jira.create), methods=["POST"]),
            Route(issue, noting(jira.edit), methods=["PUT"]),
            Route(issue, noting(jira.read), methods=["GET"]),
            Route(issue + "/properties/{name}", noting(jira.prop), methods=["PUT"]),
        ]
    )
    async with served(app) as url:
        jira.url = url
        yield jira
