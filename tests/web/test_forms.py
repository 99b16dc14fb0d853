"""From a browser's fields to a command's, and back to a form that was refused."""

from datetime import date
from typing import Any

import pytest

from innohub.command import Command, Line
from innohub.errors import Invalid, Problem
from innohub.web.forms import DO, Form, Sent, given_in


class Score(Command):
    value: int
    reason: Line


class Example(Command):
    title: Line
    tags: list[str] | None = None
    start_on: date | None = None
    scores: list[Score] = []
    content: bytes | None = None


def given(**sent: list[Any]) -> dict[str, Any]:
    return given_in(sent, Example)


def test_the_last_of_several_values_counts_where_one_is_wanted() -> None:
    assert given(title=["first", "second"]) == {"title": "second"}


def test_lists_take_every_value_but_blank_ones() -> None:
    assert given(tags=["", "a", "b"]) == {"tags": ["a", "b"]}


def test_a_list_without_a_ticked_box_is_empty_and_not_missing() -> None:
    assert given(tags=[""]) == {"tags": []}


def test_dates_are_put_together_from_their_parts() -> None:
    sent = {"start_on-day": ["7"], "start_on-month": [" 3"], "start_on-year": ["2027"]}
    assert given_in(sent, Example) == {"start_on": "2027-03-07"}


def test_an_empty_date_is_not_given() -> None:
    sent: Sent = {"start_on-day": [""], "start_on-month": [""], "start_on-year": [""]}
    assert Example.parse({**given_in(sent, Example), "title": "x"}).start_on is None


@pytest.mark.parametrize(
    "parts", [("31", "2", "2027"), ("x", "2", "2027"), ("1", "", "2027"), ("²", "1", "2027")]
)
def test_a_date_that_is_none_is_refused(parts: tuple[str, str, str]) -> None:
    day, month, year = parts
    sent: Sent = {"start_on-day": [day], "start_on-month": [month], "start_on-year": [year]}
    with pytest.raises(Invalid) as refused:
        Example.parse({**given_in(sent, Example), "title": "x"})
    assert [problem.field for problem in refused.value.problems] == ["start_on"]


def test_names_with_dots_are_nested_and_numbered_ones_are_lists() -> None:
    sent: Sent = {
        "title": ["x"],
        "scores.1.value": ["2"],
        "scores.0.value": ["5"],
        "scores.0.reason": ["Good."],
        "scores.1.reason": ["Poor."],
    }
    parsed = Example.parse(given_in(sent, Example))
    assert [(score.value, score.reason) for score in parsed.scores] == [(5, "Good."), (2, "Poor.")]


@pytest.mark.parametrize("name", ["a.", ".a", "title.x", "a..b", "scores.0", "scores.0.value.x"])
def test_odd_names_are_refused_as_unknown_and_break_nothing(name: str) -> None:
    with pytest.raises(Invalid):
        Example.parse(given_in({"title": ["x"], name: ["1"]}, Example))


def test_an_upload_arrives_as_bytes() -> None:
    assert given(content=[b"a,b\n"]) == {"content": b"a,b\n"}


def a_form(sent: Sent, *problems: Problem) -> Form:
    return Form(lambda: "token", sent, Invalid("Wrong.", problems=list(problems)))


def test_the_summary_follows_the_order_of_the_fields_and_links_to_them() -> None:
    form = a_form(
        {DO: ["edit"], "name": ["x"]},
        Problem("Field required", "trl"),
        Problem("Somebody was faster."),
        Problem("Field required", "name"),
    )
    part = form.of("edit")
    assert part.problem("name", "Name") == "Enter the name"
    assert part.problem("trl", "Level", choice=True) == "Select the level"
    assert form.summary() == [
        {"text": "Enter the name", "href": "#edit-name"},
        {"text": "Select the level", "href": "#edit-trl"},
        {"text": "Somebody was faster."},
    ]


def test_only_the_form_that_was_sent_shows_what_was_entered() -> None:
    form = a_form({DO: ["reject"], "item_id": ["A"], "reason": ["no"]}, Problem("No.", "reason"))
    refused, other = form.of("reject", item_id="A"), form.of("reject", item_id="B")
    assert (refused.value("reason"), other.value("reason", "blank")) == ("no", "blank")
    assert refused.problem("reason", "Reason") == "No."
    assert other.problem("reason", "Reason") is None
    assert form.of("verify", item_id="A").value("reason") == ""
    assert refused.id("reason") != other.id("reason")


def test_a_problem_of_a_file_names_its_line_and_column() -> None:
    form = a_form({DO: ["record"]}, Problem("There are more events than cases.", "events", row=3))
    (told,) = form.summary()
    assert told["text"].startswith("Line 3, ")
    assert told["text"].endswith("events: There are more events than cases.")
