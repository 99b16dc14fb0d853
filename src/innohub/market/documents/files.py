"""From what somebody sent to what is stored: its type found, its name made harmless."""

import asyncio
import hashlib
import re
import unicodedata
from dataclasses import dataclass

from innohub.errors import Invalid, TooLarge
from innohub.market.documents.formats import MIB, document_format, looks_like_image
from innohub.market.documents.models import DocumentKind
from innohub.market.documents.pictures import encoded_anew

LIMITS = {DocumentKind.IMAGE: 5 * MIB, DocumentKind.DOCUMENT: 20 * MIB}
"""Bytes as they are sent."""
LARGEST = max(LIMITS.values())
LONGEST_NAME = 80
MARKED = re.compile(r"OFFICIAL[\W_]*SENSITIVE|\bSECRET\b|\bTOP[\W_]*SECRET\b")
"""A protective marking above OFFICIAL, as it is written: in capitals."""
_decoding = asyncio.Semaphore(2)
"""A decoded picture takes some 100 MB."""


@dataclass(frozen=True)
class File:
    """What may be stored."""

    kind: DocumentKind
    content: bytes
    name: str
    media_type: str
    width: int | None = None
    height: int | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


async def examined(content: bytes, name: str) -> File:
    """The file that somebody calls `name`, beside the event loop and outside of any transaction.

    Raises Invalid for what is not taken, TooLarge.
    """
    async with _decoding:
        return await asyncio.to_thread(examine, content, name)


def examine(content: bytes, name: str) -> File:
    """Raises as `examined` does."""
    if not content:
        raise Invalid("This file is empty.", field="file")
    if MARKED.search(name):
        raise Invalid(
            "The file’s name carries a marking above OFFICIAL. Such a file is not stored here: "
            "state its title and who holds it.",
            field="file",
        )
    if looks_like_image(content):
        _within(content, DocumentKind.IMAGE)
        picture = encoded_anew(content)
        return File(
            DocumentKind.IMAGE,
            picture.content,
            harmless(name, picture.format.ending),
            picture.format.media_type,
            picture.width,
            picture.height,
        )
    _within(content, DocumentKind.DOCUMENT)
    found = document_format(content)
    kept = harmless(name, found.ending)
    return File(DocumentKind.DOCUMENT, content, kept, found.media_type)


def harmless(name: str, ending: str) -> str:
    """`name` without folders, signs that a shell or a header would take for more, or an ending
    other than the content's own."""
    last = re.split(r"[\\/]", name)[-1]
    stem = last.rpartition(".")[0] or last
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    words = re.findall(r"[A-Za-z0-9_-]+", plain)
    return f"{'-'.join(words)[:LONGEST_NAME].strip('-_') or 'file'}.{ending}"


def _within(content: bytes, kind: DocumentKind) -> None:
    if len(content) > LIMITS[kind]:
        word = "A picture" if kind is DocumentKind.IMAGE else "A document"
        raise TooLarge(f"{word} may have {LIMITS[kind] // MIB} MB at most.", field="file")
