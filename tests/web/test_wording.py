"""Dates, sums and words as people read them."""

from datetime import UTC, date, datetime

import pytest

from innohub.web import wording


def test_dates_are_written_out() -> None:
    assert wording.day("2026-11-02") == "2 November 2026"
    assert wording.day(date(2026, 11, 2)) == "2 November 2026"
    assert wording.month("2026-11-02") == "November 2026"
    assert wording.day(None) == ""


def test_a_moment_is_told_in_london() -> None:
    summer = datetime(2026, 7, 1, 23, 5, tzinfo=UTC)
    assert wording.day(summer) == "2 July 2026"
    assert wording.moment(summer) == "2 July 2026 at 12:05am"
    assert wording.moment("2026-12-01T12:00:00+00:00") == "1 December 2026 at 12:00pm"


@pytest.mark.parametrize(
    ("start", "end", "unit", "interval", "words"),
    [
        (125_000, 300_000, "user", "year", "£1,250 to £3,000 per user per year"),
        (1_850, 1_850, "device", "month", "£18.50 per device per month"),
        (0, 5, "population_1000", "one_off", "£0 to £0.05 per 1,000 residents once"),
    ],
)
def test_a_price_is_a_sentence(start: int, end: int, unit: str, interval: str, words: str) -> None:
    band = {"fromPence": start, "toPence": end, "unit": unit, "interval": interval}
    assert wording.price(band) == words


def test_enumerated_values_are_words() -> None:
    assert wording.words("CHANGES_REQUESTED") == "Changes requested"
    assert wording.words("DIDNT_WORK") == "Did not work"
    assert wording.words("population_1000") == "1,000 residents"


def test_a_persons_text_becomes_paragraphs_and_lists_and_never_markup() -> None:
    text = "One <b>line</b>.\nAnother.\n\n- first\n- second & last"
    assert wording.paragraphs(text) == (
        '<p class="govuk-body">One &lt;b&gt;line&lt;/b&gt;.<br>Another.</p>\n'
        '<ul class="govuk-list govuk-list--bullet"><li>first</li><li>second &amp; last</li></ul>'
    )
    assert wording.paragraphs(None) == ""


@pytest.mark.parametrize(
    ("message", "label", "words"),
    [
        ("Field required", "Title", "Enter the title"),
        ("Field required", "What it does", "Enter what it does"),
        ("Field required", "DPIA reference", "Enter the DPIA reference"),
        ("String should have at most 200 characters", "Title",
         "Title must be 200 characters or fewer"),
        ("Input should be greater than or equal to 1", "TRL", "TRL must be 1 or more"),
        ("Input should be a valid integer, unable to parse string as an integer", "Level",
         "Level must be a whole number"),
        ("The item expired.", "Item", "The item expired."),
    ],
)  # fmt: skip
def test_what_a_validator_says_is_put_plainly(message: str, label: str, words: str) -> None:
    assert wording.plain_problem(message, label) == words


def test_counts_agree_with_their_nouns() -> None:
    assert [wording.plural(n, "pilot") for n in (0, 1, 1200)] == [
        "no pilots", "1 pilot", "1,200 pilots",
    ]  # fmt: skip
