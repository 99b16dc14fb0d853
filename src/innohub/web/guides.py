"""A connector's guide, README.md in its folder, as part of a page: Markdown with our own styles.

The text comes with the installation, or from whoever wrote the connector that an operator added:
HTML in it is shown as text, and what is made of it is held to a list of what a guide needs.
"""

from collections.abc import Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

CLASSES = {
    "h1": "govuk-heading-l",
    "h2": "govuk-heading-m",
    "h3": "govuk-heading-s",
    "p": "govuk-body",
    "a": "govuk-link",
    "ul": "govuk-list govuk-list--bullet",
    "ol": "govuk-list govuk-list--number govuk-list--spaced",
    "table": "govuk-table",
    "thead": "govuk-table__head",
    "tbody": "govuk-table__body",
    "tr": "govuk-table__row",
    "th": "govuk-table__header",
    "td": "govuk-table__cell",
    "code": "innohub-code",
}
WIDE = {"table_open": "table", "fence": "example", "code_block": "example"}
"""What may be wider than a telephone's screen, and is scrolled by itself; and its name."""

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_KEPT = nh3.Cleaner(
    tags={*CLASSES, "h4", "li", "em", "strong", "pre", "blockquote", "br", "hr", "div"},
    attributes={
        "*": {"class"},
        "a": {"href", "title"},
        "ol": {"start"},
        "th": {"scope"},
        "div": {"role", "aria-label", "tabindex"},
    },
    url_schemes={"https", "http", "mailto"},
    link_rel=None,
)


def as_page(guide: str) -> Markup:
    """The guide as HTML."""
    tokens = _MARKDOWN.parse(guide)
    _style(tokens)
    html = _MARKDOWN.renderer.render(_scrolled(tokens), _MARKDOWN.options, {})
    return Markup(_KEPT.clean(html))  # noqa: S704 - cleaned  # nosec B704


def _style(tokens: Sequence[Token]) -> None:
    for token in tokens:
        if token.tag in CLASSES and token.nesting >= 0:
            token.attrJoin("class", CLASSES[token.tag])
        if token.tag == "th" and token.nesting == 1:
            token.attrSet("scope", "col")
        _style(token.children or [])


def _scrolled(tokens: Sequence[Token]) -> list[Token]:
    """With a box that can be reached by keyboard around what is wide, named after its heading."""
    found: list[Token] = []
    heading, boxes = "", 0
    for before, token in zip([None, *tokens], tokens, strict=False):
        if before is not None and before.type == "heading_open":
            heading = token.content
        if token.type in WIDE:
            boxes += 1
            label = f"{heading}, {WIDE[token.type]} {boxes}"
            named = {"class": "innohub-scroll", "role": "region", "aria-label": label}
            found.append(Token("box_open", "div", 1, attrs={**named, "tabindex": "0"}))
        found.append(token)
        if token.type == "table_close" or (token.type in WIDE and token.nesting == 0):
            found.append(Token("box_close", "div", -1))
    return found
