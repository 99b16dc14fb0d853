"""What stands on an account year by year, as an SVG that fits any width. A table of the same sums
has to stand beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from innohub.web.charts import LEFT, WIDTH, framed
from innohub.web.wording import pounds

TOP, DEEP, FOOT = 26, 150, 30


@dataclass(frozen=True)
class Flow:
    """One year in pence, and the balance at its end."""

    name: str
    cost_pence: int
    benefit_pence: int
    balance_pence: int


def balance_chart(flows: Sequence[Flow], told: str) -> Markup:
    """A bar for each year, up from nothing or down; empty without any."""
    if not flows:
        return Markup("")
    most = max(0, *(flow.balance_pence for flow in flows))
    least = min(0, *(flow.balance_pence for flow in flows))
    span = (most - least) or 1
    none = TOP + DEEP * most / span
    each = WIDTH / len(flows)
    bars = [
        _bar(flow, LEFT + each * place, each, none, DEEP * abs(flow.balance_pence) / span)
        for place, flow in enumerate(flows)
    ]
    line = Markup(
        '<line class="innohub-chart__none" x1="{}%" x2="{}%" y1="{y:.1f}" y2="{y:.1f}"/>'
    ).format(LEFT, LEFT + WIDTH, y=none)
    return framed(told, TOP + DEEP + FOOT, [*bars, line], "innohub-balance")


def _bar(flow: Flow, left: float, each: float, none: float, height: float) -> Markup:
    up = flow.balance_pence >= 0
    top = none - height if up else none
    kind = "gain" if up else "loss"
    middle = left + each / 2
    return Markup(
        '<rect class="innohub-balance__{}" x="{:.2f}%" y="{:.1f}" width="{:.2f}%" '
        'height="{:.1f}"><title>{}: {}</title></rect>'
        '<text class="innohub-chart__tick" x="{:.2f}%" y="{:.1f}" text-anchor="middle">{}</text>'
    ).format(
        kind, left + each * 0.15, top, each * 0.7, height, flow.name,
        pounds(flow.balance_pence), middle, (none + 16) if up else none - 6, flow.name,
    )  # fmt: skip
