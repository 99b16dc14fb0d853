"""A stand-in for the issues of one GitLab project, and for GitLab's token endpoint, by its
documentation. python-gitlab judges the issues."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from innohub.db.unit_of_work import utc_now
from tests.counterparts.issues import TOKEN, Issue, Issues, Turned
from tests.counterparts.standing_in import refused
from tests.hub.scene import served

PROJECT, BACK = "4242", "https://hub.test/integrations/callback"
AT = f"/api/v4/projects/{PROJECT}/issues"


@dataclass
class GitLab(Issues):
    project: str = field(default=PROJECT)
    access: str = TOKEN
    refresh: str = "a-refresh-token"

    async def token(self, request: Request, content: bytes) -> Response:
        """Renews. Both old tokens end at once; the redirect address must be named again."""
        given = {name: values[0] for name, values in parse_qs(content.decode()).items()}
        wanted = {
            "grant_type": "refresh_token",
            "refresh_token": self.refresh,
            "redirect_uri": BACK,
        }
        if any(given.get(name) != value for name, value in wanted.items()):
            told = "The provided authorization grant is invalid, expired or revoked."
            return refused(400, {"error": "invalid_grant", "error_description": told})
        self.access, self.refresh = f"{self.access}-next", f"{self.refresh}-next"
        answer = {"access_token": self.access, "refresh_token": self.refresh, "expires_in": 7_200}
        return JSONResponse({**answer, "token_type": "Bearer", "created_at": 1_795_770_000})

    def knows(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.access}"

    def _turned_away(self, request: Request) -> Turned:
        if not self.knows(request):
            return refused(401, {"message": "401 Unauthorized"})
        if not self.spend():
            told = {"message": {"error": "This endpoint has been requested too many times."}}
            return refused(429, told, **self._limit(), Retry_After="30")
        return None

    def _limit(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": "1000",
            "RateLimit-Remaining": str(max(self.left, 0)),
            "RateLimit-Reset": str(int(utc_now().timestamp()) + 30),
        }

    def _answer(self, body: Any, status: int = 200) -> Response:
        return JSONResponse(body, status, self._limit())

    async def list(self, request: Request, content: bytes) -> Response:
        away = self._turned_away(request)
        if away is not None:
            return away
        label, since = request.query_params["labels"], request.query_params.get("updated_after")
        found = self.since(datetime.fromisoformat(since)) if since else self.carrying(label)
        await self.looked()
        return self._answer([self._shown(each) for each in found])

    async def events(self, request: Request, content: bytes) -> Response:
        """Comments in the project, on whatever, of the days after one."""
        away = self._turned_away(request)
        if away is not None:
            return away
        day = date.fromisoformat(request.query_params["after"])
        shown = [
            {
                "action_name": "commented on",
                "note": {
                    "body": said.text,
                    "author": {"name": "Ada Lovelace"},
                    "created_at": issue.changed.isoformat(),
                    "system": False,
                    "noteable_type": "Issue",
                    "noteable_iid": issue.number,
                    **said.more,
                },
            }
            for issue in self.held.values()
            for said in issue.said
            if issue.changed.date() > day
        ]
        return self._answer(shown)

    async def create(self, request: Request, content: bytes) -> Response:
        away = self._turned_away(request)
        if away is not None:
            return away
        given = json.loads(content)
        if not given.get("title"):
            return refused(400, {"message": {"title": ["can't be blank"]}})
        labels = _labels(given.get("labels", []))
        issue = self.add(given["title"], given.get("description"), labels)
        return self._answer(self._shown(issue), 201)

    async def edit(self, request: Request, content: bytes) -> Response:
        away = self._turned_away(request)
        if away is not None:
            return away
        issue = self.held.get(int(request.path_params["number"]))
        if issue is None:
            return refused(404, {"message": "404 Not found"})
        given = json.loads(content)
        issue.title = given.get("title", issue.title)
        issue.text = given.get("description", issue.text)
        issue.labels = _labels(given["labels"]) if "labels" in given else issue.labels
        issue.closed = given.get("state_event") == "close"
        return self._answer(self._shown(issue))

    def _shown(self, issue: Issue) -> dict[str, Any]:
        return {
            "id": 90_000 + issue.number,
            "iid": issue.number,
            "project_id": int(self.project),
            "title": issue.title,
            "description": issue.text,
            "state": "closed" if issue.closed else "opened",
            "labels": issue.labels,
        }


def _labels(given: str | list[str]) -> list[str]:
    """A text with commas, or a list: GitLab takes both."""
    return given.split(",") if isinstance(given, str) else given


@asynccontextmanager
async def a_gitlab() -> AsyncIterator[GitLab]:
    gitlab = GitLab()
    noting = gitlab.log.noting
    app = Starlette(
        routes=[
            Route("/oauth/token", noting(gitlab.token), methods=["POST"]),
            Route(f"/api/v4/projects/{PROJECT}/events", noting(gitlab.events), methods=["GET"]),
            Route(AT, noting(gitlab.list), methods=["GET"]),
            Route(AT, noting(gitlab.create), methods=["POST"]),
            Route(AT + "/{number:int}", noting(gitlab.edit), methods=["PUT"]),
        ]
    )
    async with served(app) as url:
        gitlab.url = url
        yield gitlab
