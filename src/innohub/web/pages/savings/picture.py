"""What forces saved in one class, a bar for each: a class has a picture of its own, so that no eye
adds two of them together."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from innohub.web.wording import pounds

ROW, BAR = 46, 18
WIDEST = 96.0
"""Per cent of the picture's width."""


def bars(rows: Sequence[Mapping[str, Any]], told: str) -> Markup:
    """The most first; a loss is drawn as one."""
    in_order = sorted(rows, key=lambda row: -row["netPence"])
    most = max(abs(row["netPence"]) for row in in_order) or 1
    drawn = [_bar(row, place * ROW, most) for place, row in enumerate(in_order)]
    return Markup(
        '<svg class="innohub-chart innohub-savings" role="img" aria-label="{}" width="100%" '
        'height="{}" xmlns="http://www.w3.org/2000/svg" focusable="false">{}</svg>'
    ).format(told, ROW * len(in_order), Markup("").join(drawn))


def _bar(row: Mapping[str, Any], top: int, most: int) -> Markup:
    kind = "gain" if row["netPence"] >= 0 else "loss"
    width = WIDEST * abs(row["netPence"]) / most
    name = row["force"]["name"]
    return Markup(
        '<text class="innohub-chart__tick" x="0" y="{}">{}, {}</text>'
        '<rect class="innohub-balance__{}" x="0" y="{}" width="{:.2f}%" height="{}"/>'
    ).format(top + 15, name, pounds(row["netPence"]), kind, top + 22, max(width, 0.3), BAR)
