"""What leaves the hub: counts under control, and of what is marked SENSITIVE the pointer."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar

import pytest

from innohub.outbox.disclosure import CELL, Pointer, rounded
from innohub.outbox.service import DomainEvent


@dataclass(frozen=True, kw_only=True)
class Counted:
    group: str
    people: Annotated[int | None, CELL]


@dataclass(frozen=True, kw_only=True)
class Measured(DomainEvent):
    type: ClassVar[str] = "scene.measured"

    people: Annotated[float | None, CELL]
    rank: int = 3
    on: date = date(2026, 11, 2)
    groups: list[Counted] | None = None
    newest: Counted | None = None

    def pointer(self) -> Pointer:
        return Pointer("measurement", 7, "/measurements/7")


@pytest.mark.parametrize(
    ("counted", "told"),
    [(0, None), (1, None), (4, None), (4.0, None), (-3, None), (5, 5), (7, 5), (8, 10), (12.0, 10)],
)
def test_a_count_under_five_is_withheld_and_others_are_told_to_the_nearest_five(
    counted: float, told: int | None
) -> None:
    assert Measured(stream="x/1", people=counted).payload()["people"] == told


@pytest.mark.parametrize("value", [None, 2.5, 0.04, 42.7])
def test_what_is_no_count_stays(value: float | None) -> None:
    assert Measured(stream="x/1", people=value).payload()["people"] == value


def test_what_was_under_control_stays_as_it_is() -> None:
    assert all(rounded(told) == told for told in range(5, 1_000, 5))


def test_counts_are_found_however_deep_they_lie_and_other_numbers_are_left_alone() -> None:
    three = Counted(group="nights", people=3)
    event = Measured(stream="x/1", people=20, groups=[three, Counted(group="days", people=23)],
                     newest=three)  # fmt: skip
    assert event.payload() == {
        "people": 20,
        "rank": 3,
        "on": "2026-11-02",
        "groups": [{"group": "nights", "people": None}, {"group": "days", "people": 25}],
        "newest": {"group": "nights", "people": None},
    }


def test_of_what_is_marked_sensitive_only_the_pointer_leaves() -> None:
    event = Measured(stream="x/1", people=20, sensitive=True)
    assert event.payload() == {
        "type": "measurement",
        "key": 7,
        "link": "/measurements/7",
        "sensitive": True,
    }


def test_an_event_that_has_no_pointer_is_never_marked_sensitive() -> None:
    with pytest.raises(NotImplementedError, match="never about what is marked SENSITIVE"):
        DomainEvent.payload(_Plain(stream="x/1", sensitive=True))


@dataclass(frozen=True, kw_only=True)
class _Plain(DomainEvent):
    type: ClassVar[str] = "scene.plain"
