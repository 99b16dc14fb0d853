"""A file's bytes, piece by piece, as whole lines of UTF-8: whatever a spreadsheet made of them."""

import codecs
from enum import StrEnum

from innohub.errors import Invalid

LONGEST_LINE = 64 * 1024
"""Bytes. A longer one is no row of a table."""
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""The first bytes of an .xlsx or .ods, and of an old .xls."""
UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
SAVE_AS = "save it as “CSV UTF-8”"


class Encoding(StrEnum):
    UTF_8 = "UTF-8"
    UTF_8_MARKED = "UTF-8 with a byte order mark"
    UTF_16 = "UTF-16"


class Lines:
    """Feed it a file's bytes in order; it gives back whole lines, each ended by one `\\n`.

    Lines that are not UTF-8 come out as they are: whoever reads them says which. Raises Invalid for
    what is no text at all: a workbook, bytes that only a program reads, a line without an end.
    """

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self.encoding = Encoding.UTF_8
        self._longest = longest
        self._decoder: codecs.IncrementalDecoder | None = None
        self._begun = False
        self._held = b""

    def feed(self, piece: bytes) -> bytes:
        if not self._begun and piece:
            piece = self._begin(piece)
        text = self._held + self._utf8(piece)
        # The second half of a line's end may still come.
        split = text.endswith(b"\r")
        text = _with_plain_ends(text[:-1] if split else text)
        end = text.rfind(b"\n") + 1
        self._held = text[end:] + (b"\r" if split else b"")
        if len(self._held) > self._longest:
            raise Invalid("A line of this file is too long to be a row of a table.", field="file")
        return text[:end]

    def end(self) -> bytes:
        """The last line, where nothing ended it."""
        last = self._held + self._utf8(b"", final=True)
        self._held = b""
        return _with_plain_ends(last if last.endswith((b"\n", b"\r")) else last + b"\n")

    def _begin(self, first: bytes) -> bytes:
        self._begun = True
        if first.startswith(WORKBOOKS):
            raise Invalid(f"This is a workbook, not a CSV file: {SAVE_AS}.", field="file")
        for mark, codec in UTF_16.items():
            if first.startswith(mark):
                self.encoding = Encoding.UTF_16
                self._decoder = codecs.getincrementaldecoder(codec)()
                return first[len(mark) :]
        if b"\0" in first:
            raise Invalid(f"This is not a text file: {SAVE_AS}.", field="file")
        if first.startswith(codecs.BOM_UTF8):
            self.encoding = Encoding.UTF_8_MARKED
            return first[len(codecs.BOM_UTF8) :]
        return first

    def _utf8(self, piece: bytes, *, final: bool = False) -> bytes:
        if self._decoder is None:
            return piece
        try:
            return self._decoder.decode(piece, final).encode()
        except UnicodeError:
            raise Invalid(
                f"This file begins as UTF-16 and does not go on so: {SAVE_AS}.", field="file"
            ) from None


def whole(content: bytes) -> tuple[bytes, Encoding]:
    """All lines of a small file at once, however long they are. Raises as `Lines` does."""
    lines = Lines(longest=2 * len(content))
    text = lines.feed(content)
    return text + lines.end(), lines.encoding


def _with_plain_ends(text: bytes) -> bytes:
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text
