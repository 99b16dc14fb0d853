"""How one number follows from another: a curve as an SVG that fits any width. A table of the same
numbers has to stand beside it."""

import itertools
from collections.abc import Sequence

from markupsafe import Markup

from innohub.web.charts import LEFT, WIDTH, framed

TOP, HEIGHT, FOOT = 26, 180, 48


def chance_curve(
    points: Sequence[tuple[float, float]], wanted: float, chosen: tuple[float, float], told: str
) -> Markup:
    """Chances from 0 to 1 by size; a line at the chance that is wanted, a dot at the choice."""
    most = max(x for x, _ in points)
    drawn = [
        Markup(
            '<line class="innohub-curve" x1="{:.2f}%" y1="{:.1f}" x2="{:.2f}%" y2="{:.1f}"/>'
        ).format(_across(a, most), _down(p), _across(b, most), _down(q))
        for (a, p), (b, q) in itertools.pairwise(points)
    ]
    dot = Markup('<circle class="innohub-chart__effect" cx="{:.2f}%" cy="{:.1f}" r="7"/>').format(
        _across(chosen[0], most), _down(chosen[1])
    )
    return framed(told, TOP + HEIGHT + FOOT, [*_grid(most), _wanted(wanted), *drawn, dot])


def _across(value: float, most: float) -> float:
    return LEFT + WIDTH * value / most


def _down(chance: float) -> float:
    return TOP + HEIGHT * (1 - chance)


def _wanted(chance: float) -> Markup:
    return Markup(
        '<line class="innohub-chart__important" x1="{}%" x2="{}%" y1="{y:.1f}" y2="{y:.1f}"/>'
        '<text class="innohub-chart__side" x="{}%" y="{:.1f}">wanted: {:.0%}</text>'
    ).format(LEFT, LEFT + WIDTH, LEFT + 1, _down(chance) - 6, chance, y=_down(chance))


def _grid(most: float) -> list[Markup]:
    bottom = TOP + HEIGHT
    base = Markup(
        '<line class="innohub-chart__axis" x1="{}%" x2="{}%" y1="{y}" y2="{y}"/>'
        '<text class="innohub-chart__side" x="{}%" y="14">Chance of finding the effect</text>'
        '<text class="innohub-chart__side" x="{}%" y="{}" text-anchor="end">units in each group'
        "</text>"
    ).format(LEFT, LEFT + WIDTH, LEFT, LEFT + WIDTH, bottom + 42, y=bottom)
    return [
        base,
        *(
            Markup(
                '<text class="innohub-chart__tick" x="{:.2f}%" y="{}" text-anchor="{}">{:,.0f}'
                "</text>"
            ).format(_across(most * share, most), bottom + 20, anchor, most * share)
            for share, anchor in ((0, "start"), (0.5, "middle"), (1, "end"))
        ),
    ]
