"""The npm package oidc-provider as a connector's authorization server, run for a test."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx2

SCRIPT = Path(__file__).parent / "provider.mjs"


@dataclass(frozen=True)
class AuthorizationServer:
    """One that runs."""

    issuer: str
    verify: Any = True

    @property
    def token_url(self) -> str:
        return f"{self.issuer}/token"

    def seen(self) -> dict[str, Any]:
        """What it granted and refused, by its own account."""
        found: dict[str, Any] = httpx2.get(
            f"{self.issuer}/seen", verify=self.verify, trust_env=False
        ).json()
        return found

    def granted(self, client: str, grant: str) -> int:
        return sum(
            one["client"] == client and one["grant"] == grant for one in self.seen()["granted"]
        )


async def let_in(
    url: str,
    *,
    denying: bool = False,
    back: str = "/integrations/callback",
    login: str = "admin",
) -> str:
    """Go where a person is sent, sign in there and consent. The address they are sent back to."""
    async with httpx2.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(url)
        while True:
            if answer.is_redirect:
                target = answer.headers["location"]
                if back in target:
                    return str(target)
                answer = await browser.get(answer.url.join(target))
            elif denying:
                answer = await browser.get(f"{answer.url}/abort")
            else:
                prompt = "login" if 'name="login"' in answer.text else "consent"
                form = {"prompt": prompt, "login": login, "password": "any"}
                answer.raise_for_status()
                answer = await browser.post(answer.url, data=form)


@contextmanager
def running(*, verify: Any = True, **setup: Any) -> Iterator[AuthorizationServer]:
    """Serve until the block ends. `setup` is what the script reads."""
    given = {"host": "127.0.0.1", "seconds": 600, "clients": [], **setup}
    # Where the machine has no Node.js, `innohub assets` installed one beside Python.
    path = f"{os.environ['PATH']}{os.pathsep}{Path(sys.executable).parent}"
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            ["node", str(SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            env={"PATH": path, "NODE_NO_WARNINGS": "1"},
        )
        try:
            yield AuthorizationServer(_started(process, given, said), verify)
        finally:
            process.terminate()
            process.communicate(timeout=10)


def _started(process: subprocess.Popen[str], given: dict[str, Any], said: IO[str]) -> str:
    """The address. Raises RuntimeError with what the process said where it did not start."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(given) + "\n")
    process.stdin.flush()
    for line in process.stdout:
        if line.startswith("{"):
            return str(json.loads(line)["issuer"])
    said.seek(0)
    raise RuntimeError(f"oidc-provider did not start: {said.read()}")
