"""Keeps the hub's two processes going: a dead worker starts again, a dead web ends the run."""

import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass

from innohub.errors import InnoHubError
from innohub.processes import Child

LOOK_SECONDS = 0.2
WEB_START_SECONDS = 90
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
SOUND_SECONDS = 60.0
"""A worker that lived this long is taken to be well: its next restart is quick again."""


@dataclass
class Restarts:
    """When a worker that died starts again: after 1, 2, 4 … 30 seconds."""

    pause: float = FIRST_PAUSE

    def after(self, lived: float) -> float:
        """Seconds to wait now, given how long the process lived."""
        if lived >= SOUND_SECONDS:
            self.pause = FIRST_PAUSE
        wait, self.pause = self.pause, min(self.pause * 2, LONGEST_PAUSE)
        return wait


def wait_until_healthy(web: Child, host: str, port: int) -> None:
    """Return when /healthz answers 200. Raises InnoHubError where the web process ends first."""
    until = time.monotonic() + WEB_START_SECONDS
    while not _healthy(host, port):
        _demand_alive(web)
        if time.monotonic() > until:
            raise InnoHubError(
                f"The web process did not answer within {WEB_START_SECONDS} seconds. "
                f"Its log, {web.log}, ends:\n{web.last_words()}"
            )
        time.sleep(LOOK_SECONDS)


def watch(web: Child, worker: Child, say: Callable[[str], None]) -> None:
    """Watch both until a signal interrupts. Raises InnoHubError where the web process ends."""
    restarts, began, due = Restarts(), time.monotonic(), None
    while True:
        _demand_alive(web)
        now = time.monotonic()
        if due is None and worker.exit_code() is not None:
            pause = restarts.after(now - began)
            due = now + pause
            say(
                f"The worker ended (exit code {worker.exit_code()}) and starts again in "
                f"{pause:.0f} s. Its log, {worker.log}, ends:\n{worker.last_words(5)}"
            )
        elif due is not None and now >= due:
            worker.stop()
            worker.start()
            began, due = now, None
        time.sleep(LOOK_SECONDS)


def _demand_alive(web: Child) -> None:
    if web.exit_code() is not None:
        raise InnoHubError(
            f"The web process ended (exit code {web.exit_code()}). "
            f"Its log, {web.log}, ends:\n{web.last_words()}"
        )


def _healthy(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
