"""Parts of a whole along one bar, as an SVG that fits any width. The numbers stand beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

HEIGHT = 34


@dataclass(frozen=True)
class Share:
    """A part: how many, what they are, and which of the style sheet's `innohub-share--` it is."""

    count: int
    words: str
    kind: str


def share_bar(shares: Sequence[Share], told: str) -> Markup:
    """The bar; empty where there is nothing to share. `told` is its text."""
    whole = sum(share.count for share in shares)
    if not whole:
        return Markup("")
    parts, start = list[Markup](), 0.0
    for share in shares:
        width = 100 * share.count / whole
        if share.count:
            parts.append(_part(share, start, width))
        start += width
    return Markup(
        '<svg class="innohub-shares" role="img" aria-label="{}" width="100%" height="{}" '
        'xmlns="http://www.w3.org/2000/svg" focusable="false">{}</svg>'
    ).format(told, HEIGHT, Markup("").join(parts))


def _part(share: Share, start: float, width: float) -> Markup:
    drawn = Markup(
        '<rect class="innohub-share innohub-share--{}" x="{:.2f}%" y="0" width="{:.2f}%" '
        'height="{}"><title>{}</title></rect>'
    ).format(share.kind, start, width, HEIGHT, f"{share.words}: {share.count}")
    if width < 5:
        return drawn
    return drawn + Markup(
        '<text class="innohub-share__count innohub-share__count--{}" x="{:.2f}%" y="22" '
        'text-anchor="middle">{}</text>'
    ).format(share.kind, start + width / 2, share.count)
