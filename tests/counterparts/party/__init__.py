"""The npm package openid-client, a certified relying party, as a program that comes to the hub."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).parent / "party.mjs"

Visit = Callable[[str], Awaitable[str]]
"""Goes to an address at somebody's browser; the address they are sent back to."""


async def told(steps: list[dict[str, Any]], visit: Visit | None = None, **setup: Any) -> list[Any]:
    """What came of each step, in the words of the library; `error` where it refused.

    The script asks for a browser where it needs one. Raises RuntimeError where it broke down.
    """
    # Where the machine has no Node.js, `innohub assets` installed one beside Python.
    path = f"{os.environ['PATH']}{os.pathsep}{Path(sys.executable).parent}"
    process = await asyncio.create_subprocess_exec(
        "node",
        str(SCRIPT),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": path, "NODE_NO_WARNINGS": "1"},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({**setup, "steps": steps}).encode() + b"\n")
    found: list[Any] = []
    async for line in process.stdout:
        said = json.loads(line)
        if "visit" in said:
            assert visit is not None
            process.stdin.write((await visit(said["visit"])).encode() + b"\n")
        else:
            found.append(said)
    _, complaints = await process.communicate()
    if process.returncode:
        raise RuntimeError(complaints.decode())
    return found
