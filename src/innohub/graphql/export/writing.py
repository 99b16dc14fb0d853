"""Where the pieces go: a folder, a zip on disk, or a zip that is sent as it grows."""

import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from innohub.graphql.export.packing import Part


class Folder:
    """Writes files into a new folder, which only its owner may enter."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self._path.mkdir(mode=0o700)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def add(self, part: Part) -> None:
        if part.begins:
            self._close()
            path = self._path / part.name
            path.parent.mkdir(exist_ok=True)
            self._file = path.open("xb")
        assert self._file is not None
        self._file.write(part.piece)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class Zip:
    """Writes a zip file, member by member, into anything that takes bytes."""

    def __init__(self, into: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED)
        self._member: IO[bytes] | None = None

    @classmethod
    @contextmanager
    def at(cls, path: Path) -> Iterator["Zip"]:
        """A new file, which only its owner may read."""
        path.touch(mode=0o600, exist_ok=False)
        with path.open("wb") as file, cls(file) as zip:
            yield zip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()
        if kind is None:
            self._zip.close()

    def add(self, part: Part) -> None:
        if part.begins:
            self._close()
            self._member = self._zip.open(part.name, "w", force_zip64=True)
        assert self._member is not None
        self._member.write(part.piece)

    def _close(self) -> None:
        if self._member is not None:
            self._member.close()
            self._member = None


class _Gathered:
    """What was written and not yet sent. It cannot go back, which `zipfile` then knows."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        pass

    def taken(self) -> bytes:
        found, self._pieces = b"".join(self._pieces), []
        return found


async def zipped(parts: AsyncIterator[Part]) -> AsyncIterator[bytes]:
    """The bytes of a zip, as they come to be."""
    gathered = _Gathered()
    with Zip(gathered) as target:  # type: ignore[arg-type]
        async for part in parts:
            target.add(part)
            if piece := gathered.taken():
                yield piece
    yield gathered.taken()
