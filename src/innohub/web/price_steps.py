"""How the price of a unit falls by steps as a quantity grows, and where a quantity stands: an SVG
that fits any width. A table of the same numbers has to stand beside it."""

from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from innohub.web.charts import LEFT, WIDTH, framed
from innohub.web.wording import pounds

TOP, HEIGHT, FOOT = 30, 150, 48
BEYOND = 1.2
"""How far the picture goes on after the last step."""


def price_steps(tiers: Sequence[tuple[int, int]], quantity: int, told: str) -> Markup:
    """`tiers`: from how many units on, and the price in pence; a dot at `quantity`."""
    most = BEYOND * max(quantity, tiers[-1][0])
    highest = max(price for _, price in tiers) or 1
    ends = [*(begins for begins, _ in tiers[1:]), most]
    parts = [_base(most)]
    for (begins, price), end in zip(tiers, ends, strict=True):
        parts += [_flat(begins / most, end / most, price / highest), _price(begins, price, most,
                                                                            highest)]  # fmt: skip
    for (_, price), (begins, following) in pairwise(tiers):
        parts.append(_fall(begins / most, price / highest, following / highest))
    reached = [price for begins, price in tiers if begins <= quantity] or [tiers[0][1]]
    parts.append(
        Markup('<circle class="innohub-chart__effect" cx="{:.2f}%" cy="{:.1f}" r="7"/>').format(
            _across(quantity / most), _down(reached[-1] / highest)
        )
    )
    return framed(told, TOP + HEIGHT + FOOT, parts)


def _across(share: float) -> float:
    return LEFT + WIDTH * share


def _down(share: float) -> float:
    return TOP + HEIGHT * (1 - 0.85 * share)


def _flat(start: float, end: float, price: float) -> Markup:
    return Markup(
        '<line class="innohub-curve" x1="{:.2f}%" y1="{y:.1f}" x2="{:.2f}%" y2="{y:.1f}"/>'
    ).format(_across(start), _across(end), y=_down(price))


def _fall(place: float, before: float, after: float) -> Markup:
    return Markup(
        '<line class="innohub-chart__none" x1="{x:.2f}%" y1="{:.1f}" x2="{x:.2f}%" y2="{:.1f}"/>'
    ).format(_down(before), _down(after), x=_across(place))


def _price(begins: int, price: int, most: float, highest: int) -> Markup:
    share = begins / most
    anchor, x = ("end", _across(1)) if share > 0.7 else ("start", _across(share) + 0.5)
    return Markup(
        '<text class="innohub-chart__side" x="{:.2f}%" y="{:.1f}" text-anchor="{}">{}</text>'
        '<text class="innohub-chart__tick" x="{:.2f}%" y="{}" text-anchor="{}">{:,}</text>'
    ).format(
        x, _down(price / highest) - 8, anchor, pounds(price),
        _across(share), TOP + HEIGHT + 20, "start" if share < 0.1 else "middle", begins,
    )  # fmt: skip


def _base(most: float) -> Markup:
    bottom = TOP + HEIGHT
    return Markup(
        '<line class="innohub-chart__axis" x1="{}%" x2="{}%" y1="{y}" y2="{y}"/>'
        '<text class="innohub-chart__side" x="{}%" y="14">Price of a unit</text>'
        '<text class="innohub-chart__side" x="{}%" y="{}" text-anchor="end">units</text>'
    ).format(LEFT, LEFT + WIDTH, LEFT, LEFT + WIDTH, bottom + 42, y=bottom)
