"""Files of every kind, made here and now."""

import io
import zipfile
from typing import Any

from PIL import Image

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\n%%EOF\n"
CSV = b"site,minutes\nDover,34.2\nDeal,58.6\n"


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 48), **options: Any) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "teal").save(written, kind, **options)
    return written.getvalue()


def archive(parts: dict[str, bytes | str]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return written.getvalue()


def word(**further: bytes) -> bytes:
    return archive({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>", **further})


def excel() -> bytes:
    return archive({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<w/>"})


def opendocument(kind: str = "text", **further: bytes) -> bytes:
    mimetype = f"application/vnd.oasis.opendocument.{kind}"
    return archive({"mimetype": mimetype, "content.xml": "<o/>", **further})
