"""How much memory a load takes above what the process holds while it waits: a process of its own,
looked at twenty times a second."""

import asyncio
import json
import subprocess
import sys
import threading
from pathlib import Path

MIB = 1024 * 1024
PAGE = 4096


def measure(url: str, folder: Path, path: Path, kind: str, warm: Path) -> float:
    """In MB. `warm` is a small file of the same kind, loaded first: what is loaded once and for
    all counts as idle."""
    given = [url, str(folder), str(path), kind, str(warm)]
    ran = subprocess.run(
        [sys.executable, "-m", "evidence.memory", *given],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise RuntimeError(ran.stderr)
    found: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return found["above_idle"]


class Peak(threading.Thread):
    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most = resident()
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.05):
            self.most = max(self.most, resident())

    def end(self) -> int:
        self._over.set()
        self.join()
        return self.most


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


async def _load(url: str, folder: Path, path: Path, kind: str, warm: Path) -> float:
    from .loading import hub_on, through_the_hub

    database = hub_on(url, folder)
    try:
        await through_the_hub(database, warm, kind)
        await asyncio.sleep(0.5)
        idle, peak = resident(), Peak()
        peak.start()
        await through_the_hub(database, path, kind)
        return (peak.end() - idle) / MIB
    finally:
        await database.engine.dispose()


if __name__ == "__main__":
    url, folder, path, kind, warm = sys.argv[1:]
    above = asyncio.run(_load(url, Path(folder), Path(path), kind, Path(warm)))
    print(json.dumps({"above_idle": above}))
