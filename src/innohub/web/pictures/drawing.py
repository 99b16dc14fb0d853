"""Pages' pictures as files: an SVG that stands by itself, set as a PNG with its title, the finding
in a sentence and its source.

The rules of the style sheets are written into the SVG, since it leaves the page that has them; the
fonts are those inside typst, so that every machine draws the same.
"""

import asyncio
import json
import re
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files

import typst
from markupsafe import Markup
from starlette.responses import Response

from innohub.web.downloads import attached

WIDTH = 640
"""Pixels; as on a page."""
FONT = "Libertinus Serif"
DRAWN = re.compile(r"^\.innohub-(chart|forest|series|curve|funnel)")
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
DETAILS_PER_INCH = 144


@dataclass(frozen=True)
class Picture:
    """What goes into the file: the texts are data, never source."""

    title: str
    svg: str
    finding: str
    source: str


def standing_alone(picture: Markup) -> str:
    """The page's SVG with a size in pixels and the rules that its classes ask for."""
    text = str(picture).replace('width="100%"', f'width="{WIDTH}"', 1)
    head, _, rest = text.partition(">")
    return f"{head}><style>{_rules()}</style>{rest}"


async def png(picture: Picture) -> bytes:
    """Set off the event loop, which takes about a tenth of a second."""
    return await asyncio.to_thread(_set, json.dumps(asdict(picture), ensure_ascii=False))


async def png_file(name: str, picture: Picture) -> Response:
    return attached(await png(picture), f"{name}.png", "image/png")


def _set(text: str) -> bytes:
    drawn = typst.compile(
        _template(),
        format="png",
        ppi=DETAILS_PER_INCH,
        sys_inputs={"picture": text},
        ignore_system_fonts=True,
    )
    assert isinstance(drawn, bytes)
    return drawn


@cache
def _rules() -> str:
    """The style sheets' rules for pictures, their variables replaced by what they stand for."""
    folder = files("innohub.web.static")
    sheets = [folder.joinpath(name).read_text() for name in ("innohub.css", "work.css")]
    text = COMMENT.sub("", "\n".join(sheets))
    values = dict(re.findall(r"(--innohub-[a-z]+):\s*([^;]+);", text))
    values["--innohub-font"] = f'"{FONT}"'
    kept = [
        f"{selector.strip()}{{{body.strip()}}}"
        for selector, body in RULE.findall(text)
        if any(DRAWN.match(one.strip()) for one in selector.split(","))
    ]
    return re.sub(r"var\((--innohub-[a-z]+)\)", lambda found: values[found[1]], "".join(kept))


@cache
def _template() -> bytes:
    return files("innohub.web.pictures").joinpath("picture.typ").read_bytes()
