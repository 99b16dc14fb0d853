"""What a file is, by its content alone: neither its name nor what its sender calls it counts.

Office files that carry macros, and the binary formats of before 2007 that cannot be told free of
them, are refused.
"""

import csv
import io
import zipfile
from dataclasses import dataclass

from innohub.errors import Invalid

MIB = 1024 * 1024
MAX_ENTRIES = 10_000
MAX_INFLATED = 400 * MIB
"""What the parts of an Office file may come to, as its directory states it."""
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OPENXML = "application/vnd.openxmlformats-officedocument."
_OPENDOCUMENT = "application/vnd.oasis.opendocument."


@dataclass(frozen=True)
class Format:
    """A kind of file that the hub takes."""

    media_type: str
    ending: str
    name: str


PDF = Format("application/pdf", "pdf", "PDF")
CSV = Format("text/csv", "csv", "CSV")
WORD = Format(f"{_OPENXML}wordprocessingml.document", "docx", "Word")
EXCEL = Format(f"{_OPENXML}spreadsheetml.sheet", "xlsx", "Excel")
TEXT = Format(f"{_OPENDOCUMENT}text", "odt", "OpenDocument text")
SHEET = Format(f"{_OPENDOCUMENT}spreadsheet", "ods", "OpenDocument spreadsheet")
SLIDES = Format(f"{_OPENDOCUMENT}presentation", "odp", "OpenDocument presentation")
PNG = Format("image/png", "png", "PNG")
JPEG = Format("image/jpeg", "jpg", "JPEG")
WEBP = Format("image/webp", "webp", "WebP")

TAKEN = "PDF, Word (.docx), Excel (.xlsx), OpenDocument or CSV; or a PNG, JPEG or WebP picture"


def looks_like_image(content: bytes) -> bool:
    """Whether to have the content decoded as a picture."""
    return content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (
        content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    )


def document_format(content: bytes) -> Format:
    """The format of a document. Raises Invalid for anything that is not taken."""
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    if content.startswith(OLD_OFFICE):
        raise _refused("Save this old Office file in today’s format first (.docx or .xlsx).")
    if _is_csv(content):
        return CSV
    raise _refused(f"This kind of file is not taken. Send a {TAKEN}.")


def _office(content: bytes) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_ENTRIES or sum(part.file_size for part in parts) > MAX_INFLATED:
                raise _refused("This file unpacks to more than the hub takes.")
            names = {part.filename for part in parts}
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise _refused("This file carries macros. Save it without them first.")
            found = _opendocument(archive, parts) or _openxml(names)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError):
        raise _refused("This file is damaged.") from None
    if found is None:
        raise _refused(f"This kind of archive is not taken. Send a {TAKEN}.")
    return found


def _openxml(names: set[str]) -> Format | None:
    if "[Content_Types].xml" not in names:
        return None
    mains = {"word/document.xml": WORD, "xl/workbook.xml": EXCEL}
    return next((found for main, found in mains.items() if main in names), None)


def _opendocument(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> Format | None:
    first = parts[0] if parts else None
    if first is None or first.filename != "mimetype" or first.file_size > 100:
        return None
    if any(part.filename.startswith("Basic/") for part in parts):
        raise _refused("This file carries macros. Save it without them first.")
    kind = archive.read(first).decode("ascii", "replace")
    return next((known for known in (TEXT, SHEET, SLIDES) if known.media_type == kind), None)


def _is_csv(content: bytes) -> bool:
    """Text whose rows have the same number of columns, at least two."""
    try:
        text = content.decode("utf-8-sig")
        if any(ord(sign) < 32 and sign not in "\t\r\n" for sign in text):
            return False
        dialect = csv.Sniffer().sniff(text[:8_192], ",;\t")
        rows = csv.reader(io.StringIO(text), dialect, strict=True)
        widths = {len(row) for row in rows if row}
    except (UnicodeDecodeError, csv.Error):
        return False
    return len(widths) == 1 and widths.pop() > 1


def _refused(message: str) -> Invalid:
    return Invalid(message, field="file")
