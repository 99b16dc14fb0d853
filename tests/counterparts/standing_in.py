"""Stand-ins for systems that nobody can install: what they keep of each request, and the vendor's
own client library, run in the counterparts' environment, as the judge of how true they are."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.counterparts.kinto import PYTHON

SDK = Path(__file__).parent / "sdk"
PATIENCE_SECONDS = 90
Answering = Callable[[Request, bytes], Awaitable[Response]]


@dataclass
class Passed:
    """A request as it came in, and how it was answered."""

    method: str
    path: str
    """With its query, as it was written."""
    headers: dict[str, str]
    body: Any
    """As JSON; as text where it is none; None where there was none."""
    status: int = 0


@dataclass
class Log:
    """Everything that passed, in order."""

    passed: list[Passed] = field(default_factory=list)

    def noting(self, answering: Answering) -> Callable[[Request], Awaitable[Response]]:
        """A route's function, with what passes noted."""

        async def noted(request: Request) -> Response:
            content = await request.body()
            query = request.url.query
            path = request.scope["raw_path"].decode() + (f"?{query}" if query else "")
            passed = Passed(request.method, path, dict(request.headers), _read(content))
            self.passed.append(passed)
            answer = await answering(request, content)
            passed.status = answer.status_code
            return answer

        return noted

    def of(self, *methods: str) -> list[Passed]:
        return [each for each in self.passed if each.method in methods]


def refused(status: int, body: Any, **headers: str) -> JSONResponse:
    return JSONResponse(body, status, {name.replace("_", "-"): v for name, v in headers.items()})


async def driven(script: str, **given: Any) -> dict[str, Any]:
    """What the vendor's library says, step by step, when `sdk/<script>.py` works with it.

    `given` is what the script reads.
    """
    process = await asyncio.create_subprocess_exec(
        str(PYTHON),
        str(SDK / f"{script}.py"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await asyncio.wait_for(
        process.communicate(json.dumps(given).encode()), PATIENCE_SECONDS
    )
    if process.returncode != 0:
        raise RuntimeError(f"{script} failed:\n{complained.decode()}")
    found: dict[str, Any] = json.loads(said)
    return found


def _read(content: bytes) -> Any:
    if not content:
        return None
    try:
        return json.loads(content)
    except ValueError:
        return content.decode()
