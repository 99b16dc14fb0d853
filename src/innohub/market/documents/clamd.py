"""A scanner reached by clamd's INSTREAM command: the bytes in chunks, each after its length.

ClamAV's daemon speaks it, and so do the gateways that stand in for it.
"""

import asyncio
import re
import struct
from dataclasses import dataclass

CHUNK = 64 * 1024
PATIENCE = 60.0
"""Seconds for one file, its transfer included."""
LONGEST_ANSWER = 4_096
ADDRESS = re.compile(r"(?P<host>[^\s:/@]+|\[[0-9a-fA-F:]+\]):(?P<port>[0-9]{1,5})")


class ScannerFailed(RuntimeError):
    """No verdict: the scanner is away, too slow, or answers something else."""


@dataclass(frozen=True)
class Verdict:
    """None found: clean. Else the scanner's name for what it found."""

    found: str | None


@dataclass(frozen=True)
class Clamd:
    host: str
    port: int

    @classmethod
    def at(cls, address: str) -> "Clamd":
        """Of `host:port`. Raises ValueError."""
        parts = ADDRESS.fullmatch(address)
        if parts is None or not 0 < int(parts["port"]) < 65_536:
            raise ValueError("the scanner's address is host:port")
        return cls(parts["host"].strip("[]"), int(parts["port"]))

    async def scan(self, content: bytes) -> Verdict:
        """Raises ScannerFailed."""
        try:
            async with asyncio.timeout(PATIENCE):
                return _verdict(await self._ask(content))
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise ScannerFailed(str(error) or type(error).__name__) from error

    async def _ask(self, content: bytes) -> str:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(b"zINSTREAM\0")
            for start in range(0, len(content), CHUNK):
                chunk = content[start : start + CHUNK]
                writer.write(struct.pack("!L", len(chunk)) + chunk)
                await writer.drain()
            writer.write(struct.pack("!L", 0))
            await writer.drain()
            return (await reader.read(LONGEST_ANSWER)).rstrip(b"\0\n").decode("utf-8", "replace")
        finally:
            writer.close()


def _verdict(answer: str) -> Verdict:
    said = answer.removeprefix("stream: ")
    if said == "OK":
        return Verdict(None)
    if said.endswith(" FOUND"):
        return Verdict(said.removesuffix(" FOUND")[:200])
    raise ScannerFailed(f"the scanner answered {said[:200]!r}")
