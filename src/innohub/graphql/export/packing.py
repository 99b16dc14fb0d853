"""The export itself: one file after another, each a little at a time, and last a manifest with the
SHA-256 of every one of them."""

import hashlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from innohub.graphql.context import Context
from innohub.graphql.export.catalogue import item_of
from innohub.graphql.export.reading import Owner, content_of, files_of, rows_of
from innohub.graphql.operations import Operations

MANIFEST = "manifest.json"
CATALOGUE = "catalogue.jsonl"
FORMAT = "innohub-export/1"
READ_ME = """What {name} owns on the hub, as it was at {at}.

Each .jsonl holds one object a line, in the names of the hub's API (schema.graphql, /graphiql).
catalogue.jsonl, of a supplier, is what `innohub import catalogue` takes.
documents/ holds the files that were handed in; the other files tell of them by number.
manifest.json names each file with its size and its SHA-256.
"""


@dataclass
class Part:
    """A piece of the file that is being written; the first piece of a file names it."""

    name: str
    piece: bytes
    begins: bool


@dataclass
class Export:
    """Pieces in their order, for whoever writes them down."""

    operations: Operations
    context: Context
    owner: Owner
    counts: dict[str, int] = field(default_factory=dict)
    """Rows, by file."""
    _told: list[dict[str, Any]] = field(default_factory=list)

    async def parts(self) -> AsyncIterator[Part]:
        """Raises InnoHubError where something cannot be read: then what was written is no export,
        and lacks its manifest."""
        at = self.context.database.clock().isoformat()
        head = READ_ME.format(name=self.owner.name, at=at).encode()
        async for part in self._file("README.txt", _once(head)):
            yield part
        items: list[bytes] = []
        for kind in self.owner.kinds:
            rows = self._rows(kind, items)
            async for part in self._file(f"{kind.name}.jsonl", rows):
                yield part
        if items:
            async for part in self._file(CATALOGUE, _each(items)):
                yield part
            self.counts[CATALOGUE] = len(items)
        async for part in self._documents():
            yield part
        manifest = {
            "format": FORMAT,
            "organisation": self.owner.slug,
            "name": self.owner.name,
            "kind": self.owner.kind,
            "made_at": at,
            "files": self._told,
        }
        yield Part(MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2), begins=True)

    async def _rows(self, kind: Any, items: list[bytes]) -> AsyncIterator[bytes]:
        name = f"{kind.name}.jsonl"
        self.counts[name] = 0
        async for row in rows_of(self.operations, self.context, self.owner, kind):
            self.counts[name] += 1
            if kind.name == "listings":
                items.append(_line(item_of(row)))
            yield _line(row)

    async def _documents(self) -> AsyncIterator[Part]:
        database = self.context.database
        for file in await files_of(database, self.owner):
            body = await content_of(database, file)
            if body is not None:
                async for part in self._file(f"documents/{file.name}", _once(body)):
                    yield part

    async def _file(self, name: str, pieces: AsyncIterator[bytes]) -> AsyncIterator[Part]:
        found, size, begins = hashlib.sha256(), 0, True
        async for piece in pieces:
            found.update(piece)
            size += len(piece)
            yield Part(name, piece, begins)
            begins = False
        if begins:
            yield Part(name, b"", begins=True)
        self._told.append({"name": name, "bytes": size, "sha256": found.hexdigest()})


def _line(row: Any) -> bytes:
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


async def _once(piece: bytes) -> AsyncIterator[bytes]:
    yield piece


async def _each(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
