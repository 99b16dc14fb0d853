"""A file is what its content says it is, whatever it is called."""

import io
import struct
import zlib

import pytest
from PIL import Image

from innohub.errors import Invalid, TooLarge
from innohub.market.documents.files import LIMITS, examine, harmless
from innohub.market.documents.models import DocumentKind
from innohub.market.documents.pictures import LONGEST_SIDE, MAX_PIXELS
from tests.market.documents import samples


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (samples.PDF, "pdf"),
        (samples.CSV, "csv"),
        (b"\xef\xbb\xbf" + samples.CSV, "csv"),
        (samples.word(), "docx"),
        (samples.excel(), "xlsx"),
        (samples.opendocument("text"), "odt"),
        (samples.opendocument("spreadsheet"), "ods"),
        (samples.opendocument("presentation"), "odp"),
    ],
)
def test_a_document_is_known_by_its_content(content: bytes, ending: str) -> None:
    file = examine(content, "Site guide.exe")
    assert file.name == f"Site-guide.{ending}"
    assert file.kind is DocumentKind.DOCUMENT
    assert file.content == content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00 an executable",
        b"<!doctype html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"Just a line of words without any columns",
        b"a,b\n1,2\n3\n",
        b"a,b\x00\n1,2\n",
        b"\xff\xfea\x00,\x00b\x00",
        b"GIF89a\x01\x00\x01\x00",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old Word file",
        samples.archive({"readme.txt": "An archive of anything"}),
        samples.archive({"mimetype": "application/epub+zip"}),
        samples.word(**{"word/vbaProject.bin": b"macros"}),
        samples.opendocument(**{"Basic/script-lc.xml": b"macros"}),
        samples.word()[:60],
        b"PK\x03\x04 cut short",
        b"\x89PNG\r\n\x1a\n cut short",
        b"\xff\xd8\xff cut short",
        b"RIFF\x00\x00\x00\x00WEBP cut short",
    ],
    ids=range(19),
)
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        examine(content, "guide.pdf")
    assert refused.value.field == "file"


@pytest.mark.parametrize(("kind", "ending"), [("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp")])
def test_a_picture_is_encoded_anew_without_its_metadata(kind: str, ending: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "Taken at 51.1279 N, 1.3134 E"
    file = examine(samples.picture(kind, exif=exif), "photo.txt")
    assert (file.kind, file.name) == (DocumentKind.IMAGE, f"photo.{ending}")
    assert b"51.1279" not in file.content
    with Image.open(io.BytesIO(file.content)) as served:
        assert (served.format, served.size, dict(served.getexif())) == (kind, (64, 48), {})


def test_a_picture_stands_upright_and_is_no_larger_than_a_page_shows() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # Turned by a quarter.
    file = examine(samples.picture("JPEG", (3_200, 1_600), exif=exif), "photo.jpg")
    assert (file.width, file.height) == (LONGEST_SIDE // 2, LONGEST_SIDE)


def test_what_hides_behind_the_end_of_a_picture_is_not_served() -> None:
    file = examine(samples.picture() + b"<script>alert(1)</script>", "photo.png")
    assert b"script" not in file.content


def test_a_picture_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    side = 40_000
    assert side * side > MAX_PIXELS
    with pytest.raises(Invalid, match="million pixels"):
        examine(_claims_to_be(side, side), "bomb.png")


def test_a_document_that_unpacks_to_too_much_is_refused() -> None:
    content = samples.word(**{"word/media.bin": b"0" * 1_000})
    # The directory states four gigabytes, near enough: the stated size is what counts.
    bomb = content.replace(struct.pack("<L", 1_000), struct.pack("<L", 0xF0000000))
    assert bomb != content
    with pytest.raises(Invalid):
        examine(bomb, "bomb.docx")


@pytest.mark.parametrize("kind", LIMITS)
def test_each_kind_has_a_limit_of_its_own(kind: DocumentKind) -> None:
    start = b"\x89PNG\r\n\x1a\n" if kind is DocumentKind.IMAGE else b"%PDF-"
    with pytest.raises(TooLarge):
        examine(start.ljust(LIMITS[kind] + 1, b" "), "file")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\me\\Guide v2.pdf", "Guide-v2.pdf"),
        ('a"; filename="b.exe', "a-filename-b.pdf"),
        ("line\r\nSet-Cookie: x", "line-Set-Cookie-x.pdf"),
        ("Bedienungsanleitung für Köln.pdf", "Bedienungsanleitung-fur-Koln.pdf"),
        ("\u202efdp.exe", "fdp.pdf"),
        ("指南.pdf", "file.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("x" * 300, "x" * 80 + ".pdf"),
    ],
)
def test_a_files_name_is_made_harmless(given: str, kept: str) -> None:
    assert harmless(given, "pdf") == kept


@pytest.mark.parametrize("name", ["OFFICIAL-SENSITIVE guide.pdf", "TOP SECRET.pdf", "A SECRET.pdf"])
def test_a_file_whose_name_is_marked_is_not_taken(name: str) -> None:
    with pytest.raises(Invalid, match="marking above OFFICIAL"):
        examine(samples.PDF, name)


def test_a_secret_in_small_letters_is_no_marking() -> None:
    assert (
        examine(samples.PDF, "How secret keys are kept.pdf").name == "How-secret-keys-are-kept.pdf"
    )


def _claims_to_be(width: int, height: int) -> bytes:
    """A PNG of one row whose header promises more."""

    def chunk(name: bytes, body: bytes) -> bytes:
        crc = struct.pack("!L", zlib.crc32(name + body))
        return struct.pack("!L", len(body)) + name + body + crc

    header = struct.pack("!LLBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(width * 3 + 1))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", header), chunk(b"IDAT", body), chunk(b"IEND", b""))
    )
