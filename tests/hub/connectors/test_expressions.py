"""What expressions can say beyond JMESPath's own functions, and what they may not take."""

from typing import Any

import pytest

from innohub.hub.connectors.expressions import Expression, NoAnswer


def over(source: str, **document: Any) -> Any:
    return Expression(source).over(document)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("text('n = ', number)", "n = 3"),
        ("text(flag, '/', list)", 'true/["a"]'),
        ("text('because ', nothing)", None),
        ("replace(words, '_', ' ')", "did not work"),
        ("replace(words, '', ' ')", "did_not_work"),
        ("replace(nothing, '_', ' ')", None),
        ("round(effect, `2`)", -0.57),
        ("round(whole, `2`)", 4),
        ("round(effect, `0`)", -1),
        ("round(effect, `-5`)", -1),
        ("round(nothing, `2`)", None),
        ("items(errors)", [["summary", "too long"], ["labels", "no spaces"]]),
        ("join('; ', items(errors)[*].join(': ', @))", "summary: too long; labels: no spaces"),
        ("join(' ', [nothing, words, text('n', nothing)][?@])", "did_not_work"),
    ],
)
def test_texts_for_people_are_put_together(source: str, found: Any) -> None:
    document = {
        "number": 3,
        "flag": True,
        "list": ["a"],
        "words": "did_not_work",
        "effect": -0.5678,
        "whole": 4.0,
        "errors": {"summary": "too long", "labels": "no spaces"},
    }
    assert over(source, **document) == found


def test_a_fact_whose_text_is_missing_leaves_no_half_of_a_line() -> None:
    source = "payload.[text('Sample: ', sample), text('Design: ', design)][?@]"
    assert over(source, payload={"sample": None, "design": "rct"}) == ["Design: rct"]


@pytest.mark.parametrize(
    ("source", "document"),
    [
        ("replace(a, 'x', a)", {"a": "x" * 900}),
        ("replace(a, 'x', b)", {"a": "x" * 50_000, "b": "y" * 100}),
        ("items(a)", {"a": 7}),
        ("round(a, `2`)", {"a": "7"}),
        ("text(a, a, a, a)", {"a": "x" * 600_000}),
    ],
)
def test_what_would_take_too_much_or_does_not_fit_has_no_answer(
    source: str, document: dict[str, Any]
) -> None:
    with pytest.raises(NoAnswer):
        over(source, **document)
