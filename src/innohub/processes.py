"""Child processes that do not outlive this one, and folders that one process holds at a time.

A child runs in a session of its own: Ctrl-C in the terminal reaches only us, and we stop our
children in order. Beside each child waits a guard, a shell reading a pipe that we hold. However
we die, the pipe closes and the guard stops the child. Its process id is also kept in a file, so
that the next start finds a child whose guard was killed too.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

from innohub import interrupts
from innohub.errors import InnoHubError

GUARD = """
read -r _
kill -s "$1" "$2" 2>/dev/null || exit 0
waited=0
while kill -0 "$2" 2>/dev/null; do
    [ "$waited" -lt "$3" ] || { kill -s KILL "$2" 2>/dev/null; exit 0; }
    sleep 1
    waited=$((waited + 1))
done
"""
SAME_MOMENT_SECONDS = 5
"""A process is the one noted if it began within this time: clocks are set, ids are reused."""


@dataclass(kw_only=True)
class Child:
    """One program under our care. `folder` gets its output, `{name}.log`, and `{name}.pid`."""

    name: str
    arguments: Sequence[str | Path]
    folder: Path
    environment: Mapping[str, str] | None = None
    cwd: Path | None = None
    user: int | None = None
    group: int | None = None
    given: bytes = b""
    """What the program reads on its standard input."""
    stop_signal: signal.Signals = signal.SIGTERM
    grace: int = 10
    """Seconds to stop in, before it is killed."""
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)
    _guard: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def start(self) -> None:
        """Start it, after stopping one that an earlier run left behind."""
        self.stop_leftover()
        with self._fresh_log() as log, interrupts.held():
            self._begin(log)
        self._give(self.given)

    def exit_code(self) -> int | None:
        """None while it runs; negative where a signal ended it."""
        return self._process.poll() if self._process else None

    def begin_stop(self) -> None:
        """Ask it to stop, without waiting."""
        self.send(self.stop_signal)

    def send(self, sent: signal.Signals) -> None:
        """Send it a signal; nothing where it does not run."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(sent)

    def stop(self) -> None:
        """Stop it and wait for its end. Does nothing where it does not run."""
        if self._process:
            self.begin_stop()
            try:
                self._process.wait(self.grace)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._give(b"")
            self._process = None
            self._noted.unlink(missing_ok=True)
        if self._guard:
            self._guard.kill()
            self._guard.communicate()
            self._guard = None

    def stop_leftover(self) -> None:
        """Stop the one that an earlier run started and could not stop."""
        left = self._left_behind()
        if left is not None:
            end(left, self.stop_signal, within=self.grace)
        self._noted.unlink(missing_ok=True)

    def last_words(self, lines: int = 15) -> str:
        """The end of its log."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return ""

    @property
    def _noted(self) -> Path:
        return self.folder / f"{self.name}.pid"

    def _begin(self, log: IO[bytes]) -> None:
        """The process, its guard and the note of its id: all three, or it may outlive us."""
        self._process = subprocess.Popen(
            [str(argument) for argument in self.arguments],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd=self.cwd,
            env=self.environment,
            start_new_session=True,
            user=self.user,
            group=self.group,
            extra_groups=None if self.user is None else [],
        )
        pid = self._process.pid
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", GUARD, "guard", self.stop_signal.name[3:], str(pid), str(self.grace)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._note(pid)

    def _give(self, given: bytes) -> None:
        """Write its standard input to the end, unless that was done."""
        if self._process and self._process.stdin and not self._process.stdin.closed:
            with contextlib.suppress(BrokenPipeError), self._process.stdin as pipe:
                pipe.write(given)

    def _note(self, pid: int) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            began = psutil.Process(pid).create_time()
            self._noted.write_text(json.dumps({"pid": pid, "began": began}))

    def _left_behind(self) -> psutil.Process | None:
        try:
            noted = json.loads(self._noted.read_text())
            process = psutil.Process(noted["pid"])
            age = abs(process.create_time() - noted["began"])
        except (FileNotFoundError, ValueError, KeyError, TypeError, psutil.Error):
            return None
        return process if age < SAME_MOMENT_SECONDS and not dead(process) else None

    def _fresh_log(self) -> IO[bytes]:
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".previous.log"))
        return self.log.open("wb")


def dead(process: psutil.Process) -> bool:
    """Whether it has ended, reaped or not: in a container, nobody may reap an orphan."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def end(process: psutil.Process, stop_signal: signal.Signals, *, within: float) -> None:
    """Stop a process that is not our child; kill it where it does not stop `within` seconds."""
    with contextlib.suppress(psutil.Error):
        process.send_signal(stop_signal)
        if not _ended(process, within=within):
            process.kill()
            _ended(process, within=within)


def _ended(process: psutil.Process, *, within: float) -> bool:
    until = time.monotonic() + within
    while not dead(process):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


class FolderLock:
    """Holds a folder for this process alone; the system releases it if we die."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held: IO[str] | None = None

    def acquire(self) -> None:
        """Make the folder and hold it. Raises InnoHubError where another process does."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            held = (self.folder / "lock").open("a+")
        except OSError as error:
            raise InnoHubError(
                f"The data folder {self.folder} cannot be written: {error.strerror}. "
                "Choose another with INNOHUB_DATA_DIR."
            ) from error
        if not _locked(held):
            held.seek(0)
            owner = held.read().strip() or "unknown"
            held.close()
            raise InnoHubError(
                f"The data folder {self.folder} is in use by another run (process {owner}). "
                "Stop that one first, or choose another folder with INNOHUB_DATA_DIR."
            )
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        self._held = held

    def release(self) -> None:
        if self._held:
            self._held.close()
            self._held = None


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
