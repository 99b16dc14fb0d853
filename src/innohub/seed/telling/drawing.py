"""Makes the files of the demonstration market: documents set in type, and simple drawings."""

import io
import json
from datetime import UTC, datetime

import typst
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, MARGIN = 1_280, 320, 40
INK, PAPER, BOX = "#0b0c0c", "#ffffff", "#e8f1f8"
LEADING = 30
TEMPLATE = b"""
#let paper = json(bytes(sys.inputs.paper))
#set document(title: paper.title)
#set page(paper: "a4", margin: 25mm)
#set text(lang: "en", region: "GB", size: 11pt)
#set par(leading: 0.75em, spacing: 1.4em)
#heading(paper.title)
#for one in paper.paragraphs [#par[#one]]
"""


def set_in_type(title: str, paragraphs: tuple[str, ...]) -> bytes:
    """A tagged PDF of a page or two, the same bytes for the same words."""
    return typst.compile(
        TEMPLATE,
        format="pdf",
        sys_inputs={"paper": json.dumps({"title": title, "paragraphs": paragraphs})},
        ignore_system_fonts=True,
        pdf_tags=True,
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
    )


def drawn(boxes: tuple[str, ...]) -> bytes:
    """A PNG of boxes from left to right, an arrow from each to the next."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=24)
    pitch = (WIDTH - MARGIN) / len(boxes)
    for place, words in enumerate(boxes):
        left = MARGIN + place * pitch
        right = left + pitch - MARGIN
        pen.rounded_rectangle((left, 90, right, 230), 12, fill=BOX, outline=INK, width=3)
        lines = words.split(" ")
        for row, line in enumerate(lines):
            middle = HEIGHT / 2 + (row - (len(lines) - 1) / 2) * LEADING
            pen.text(((left + right) / 2, middle), line, fill=INK, font=font, anchor="mm")
        if place < len(boxes) - 1:
            tip = right + MARGIN - 6
            pen.line((right, HEIGHT / 2, tip - 8, HEIGHT / 2), fill=INK, width=4)
            pen.polygon(
                [(tip, HEIGHT / 2), (tip - 14, HEIGHT / 2 - 9), (tip - 14, HEIGHT / 2 + 9)],
                fill=INK,
            )
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()
