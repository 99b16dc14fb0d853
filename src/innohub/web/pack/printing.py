"""From a pack's content to a tagged PDF, off the event loop; what was printed once is kept a while.

The template ships with the hub and so do the fonts, inside typst: nothing is fetched, and no font
of the machine changes a page. Content is data to the template, never source.
"""

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

import structlog
import typst

log = structlog.get_logger()

KEPT = 32
"""How many packs are kept; each is some 100 kB."""
AT_ONCE = 2
"""How many are set at the same time, so that printing never takes a whole machine."""
PACK: Final = "pack.typ"
ACCESSIBLE: Final = "ua-1"
"""PDF/UA-1: what a screen reader needs is there and says so."""


@dataclass(frozen=True)
class Printed:
    pdf: bytes
    fingerprint: str
    """SHA-256 of template and content: equal for equal packs."""


class Press:
    """Prints packs. One for each process, on the loop that it is used from."""

    def __init__(self) -> None:
        self._done: OrderedDict[str, asyncio.Task[Printed]] = OrderedDict()
        self._free = asyncio.Semaphore(AT_ONCE)

    async def print(self, content: Mapping[str, Any]) -> Printed:
        """The pack with this content, or the paper whose `template` it names. Several who ask for
        the same one wait for one printing."""
        text = json.dumps(content, ensure_ascii=False, sort_keys=True)
        key = hashlib.sha256(
            _template(content.get("template", PACK)) + text.encode("utf-8", "replace")
        ).hexdigest()
        task = self._done.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._done[key] = asyncio.create_task(self._set(text, key))
        self._done.move_to_end(key)
        while len(self._done) > KEPT:
            self._done.popitem(last=False)
        # One reader who hangs up does not stop the printing for the others.
        return await asyncio.shield(task)

    async def _set(self, text: str, key: str) -> Printed:
        async with self._free:
            return Printed(await asyncio.to_thread(set_in_type, text), key)


def set_in_type(text: str) -> bytes:
    """The PDF for a pack's content as JSON text.

    Where a text holds a character that no font shows, PDF/UA-1 forbids the file; it is then made
    without that mark, and tagged all the same.
    """
    try:
        return _compiled(text, marked=True)
    except typst.TypstError as error:
        log.info("pack.not_marked_accessible", why=str(error)[:200])
        return _compiled(text, marked=False)


def _compiled(text: str, *, marked: bool) -> bytes:
    content = json.loads(text)
    return typst.compile(
        _template(content.get("template", PACK)),
        format="pdf",
        sys_inputs={"pack": text},
        ignore_system_fonts=True,
        pdf_standards=ACCESSIBLE if marked else None,
        pdf_tags=True,
        timestamp=datetime.fromisoformat(content["on"]).replace(tzinfo=UTC),
    )


@cache
def _template(name: str) -> bytes:
    return files("innohub.web.pack").joinpath(name).read_bytes()
