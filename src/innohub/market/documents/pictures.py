"""Pictures are decoded and encoded anew: what is served is ours, without metadata, in bounds."""

import io
import warnings
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from innohub.errors import Invalid
from innohub.market.documents.formats import JPEG, PNG, WEBP, Format

MAX_PIXELS = 24_000_000
"""Six thousand by four thousand: what a good camera takes; decoded, some 100 MB."""
LONGEST_SIDE = 1_600
"""Larger ones are made smaller: no page shows more."""
FORMATS = {"PNG": PNG, "JPEG": JPEG, "WEBP": WEBP}
OPTIONS: dict[str, dict[str, Any]] = {
    "PNG": {"optimize": True},
    "JPEG": {"quality": 85, "progressive": True},
    "WEBP": {"quality": 85},
}


@dataclass(frozen=True)
class Picture:
    content: bytes
    format: Format
    width: int
    height: int


def encoded_anew(content: bytes) -> Picture:
    """The picture, upright, at most `LONGEST_SIDE` long, without metadata; of an animation its
    first frame. Raises Invalid for what is no picture or has too many pixels."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=tuple(FORMATS)) as opened:
                return _drawn(opened)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise _too_many_pixels() from None
    # Pillow's decoders raise these, and no common base, on what is damaged or made to harm.
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError):
        raise Invalid("This picture is damaged.", field="file") from None


def _drawn(opened: Image.Image) -> Picture:
    # The header states the size: nothing is decoded before it was looked at.
    if opened.width * opened.height > MAX_PIXELS:
        raise _too_many_pixels()
    kind = opened.format or ""
    opened.load()
    upright = ImageOps.exif_transpose(opened)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    drawn = upright.convert(_mode(upright, kind))
    written = io.BytesIO()
    plain = Image.new(drawn.mode, drawn.size)
    plain.paste(drawn)
    plain.save(written, kind, **OPTIONS[kind])
    return Picture(written.getvalue(), FORMATS[kind], plain.width, plain.height)


def _mode(picture: Image.Image, kind: str) -> str:
    if kind == "JPEG":
        return "L" if picture.mode == "L" else "RGB"
    return "RGBA" if picture.has_transparency_data else "RGB"


def _too_many_pixels() -> Invalid:
    return Invalid(
        f"A picture may have {MAX_PIXELS // 1_000_000} million pixels at most. Make it smaller.",
        field="file",
    )
