"""Where the pieces go: a folder, a zip on disk, or a zip that is sent as it grows."""

import zipfile
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from innohub.graphql.export.packing import Part


class _Target(ABC):
    """Takes parts: each goes into a file of its own, one after another."""

    _file: IO[bytes] | None = None

    @abstractmethod
    def _begin(self, name: str) -> IO[bytes]:
        """A new file of that name, to be closed."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def add(self, part: Part) -> None:
        if part.begins:
            self._end()
            self._file = self._begin(part.name)
        assert self._file is not None
        self._file.write(part.piece)

    def _end(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class Folder(_Target):
    """Writes files into a new folder, which only its owner may enter."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        self._path.mkdir(mode=0o700)
        return self

    def _begin(self, name: str) -> IO[bytes]:
        path = self._path / name
        path.parent.mkdir(exist_ok=True)
        return path.open("xb")


class Zip(_Target):
    """Writes a zip file, member by member, into anything that takes bytes."""

    def __init__(self, into: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED)

    @classmethod
    @contextmanager
    def at(cls, path: Path) -> Iterator["Zip"]:
        """A new file, which only its owner may read."""
        path.touch(mode=0o600, exist_ok=False)
        with path.open("wb") as file, cls(file) as zip:
            yield zip

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, trace)
        if kind is None:
            self._zip.close()

    def _begin(self, name: str) -> IO[bytes]:
        return self._zip.open(name, "w", force_zip64=True)


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
