"""A stand-in for the issues of one GitHub repository, by GitHub's REST documentation. PyGithub
judges it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from innohub.db.unit_of_work import utc_now
from tests.counterparts.issues import TOKEN, Issue, Issues, Turned
from tests.counterparts.standing_in import refused
from tests.hub.keys import Pair
from tests.hub.scene import served

OWNER, REPOSITORY = "clearframe", "police"
INSTALLATION = "4711"
AT = f"/repos/{OWNER}/{REPOSITORY}/issues"


@dataclass
class GitHub(Issues):
    pair: Pair | None = None
    claims: list[dict[str, Any]] = field(default_factory=list)

    async def token(self, request: Request, content: bytes) -> Response:
        assert self.pair is not None
        shown = request.headers["authorization"].removeprefix("Bearer ")
        read = jwt.decode(shown, RSAKey.import_key(self.pair.certificate_pem), ["RS256"])
        self.claims.append(dict(read.claims))
        if read.claims["exp"] - utc_now().timestamp() > 600:
            return refused(
                401, {"message": "'Expiration time' claim ('exp') is too far in the future"}
            )
        answer = {"token": TOKEN, "expires_at": "2099-01-01T00:00:00Z", "permissions": {}}
        return JSONResponse(answer, 201)

    def _turned_away(self, request: Request) -> Turned:
        if not self.knows(request):
            return refused(401, {"message": "Bad credentials", "status": "401"})
        if not self.spend():
            # Not a 429: theirs is a 403 that its headers tell from a refusal.
            told = {"message": "API rate limit exceeded for installation ID 4711."}
            return refused(403, told, **self._limit())
        return None

    def _limit(self) -> dict[str, str]:
        resets = str(int(utc_now().timestamp()) + 1_200)
        return {
            "X-RateLimit-Limit": "1000",
            "X-RateLimit-Remaining": str(max(self.left, 0)),
            "X-RateLimit-Reset": resets,
        }

    def _answer(self, body: Any, status: int = 200) -> Response:
        return JSONResponse(body, status, self._limit())

    async def list(self, request: Request, content: bytes) -> Response:
        away = self._turned_away(request)
        if away is not None:
            return away
        label, since = request.query_params["labels"], request.query_params.get("since")
        found = self.since(datetime.fromisoformat(since)) if since else self.carrying(label)
        await self.looked()
        return self._answer([self._shown(each) for each in found])

    async def comments(self, request: Request, content: bytes) -> Response:
        """Of all issues."""
        away = self._turned_away(request)
        if away is not None:
            return away
        since = datetime.fromisoformat(request.query_params["since"])
        shown = [
            {
                "id": 70_000 + issue.number,
                "issue_url": f"{self.url}{AT}/{issue.number}",
                "user": {"login": "ada"},
                "body": said.text,
                "created_at": f"{issue.changed:%Y-%m-%dT%H:%M:%SZ}",
                "author_association": "MEMBER",
                **said.more,
            }
            for issue in self.held.values()
            for said in issue.said
            if issue.changed >= since
        ]
        return self._answer(shown)

    async def create(self, request: Request, content: bytes) -> Response:
        away = self._turned_away(request)
        if away is not None:
            return away
        given = json.loads(content)
        if not given.get("title"):
            fault = {"resource": "Issue", "field": "title", "code": "missing_field"}
            return refused(422, {"message": "Validation Failed", "errors": [fault]})
        issue = self.add(given["title"], given.get("body"), given.get("labels", []))
        return self._answer(self._shown(issue), 201)

    async def edit(self, request: Request, content: bytes) -> Response:
        away = self._turned_away(request)
        if away is not None:
            return away
        issue = self.held.get(int(request.path_params["number"]))
        if issue is None:
            return refused(404, {"message": "Not Found"})
        given = json.loads(content)
        issue.title, issue.text = given.get("title", issue.title), given.get("body", issue.text)
        issue.labels = given.get("labels", issue.labels)
        issue.closed = given.get("state") == "closed"
        return self._answer(self._shown(issue))

    def _shown(self, issue: Issue) -> dict[str, Any]:
        return {
            "id": 90_000 + issue.number,
            "number": issue.number,
            "title": issue.title,
            "body": issue.text,
            "state": "closed" if issue.closed else "open",
            "state_reason": "not_planned" if issue.closed else None,
            "labels": [{"name": label} for label in issue.labels],
            "url": f"{self.url}{AT}/{issue.number}",
            "repository_url": f"{self.url}/repos/{OWNER}/{REPOSITORY}",
        }


@asynccontextmanager
async def a_github(pair: Pair | None = None) -> AsyncIterator[GitHub]:
    github = GitHub(pair=pair)
    noting = github.log.noting
    app = Starlette(
        routes=[
            Route(
                f"/app/installations/{INSTALLATION}/access_tokens",
                noting(github.token),
                methods=["POST"],
            ),
            Route(AT, noting(github.list), methods=["GET"]),
            Route(AT, noting(github.create), methods=["POST"]),
            Route(AT + "/comments", noting(github.comments), methods=["GET"]),
            Route(AT + "/{number:int}", noting(github.edit), methods=["PATCH"]),
        ]
    )
    async with served(app) as url:
        github.url = url
        yield github
