"""How many of the results that are due were reported: of everybody, of one force, of a supplier."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from innohub.web.shares import Share, share_bar
from innohub.web.wording import plural

WORDS = {
    "ON_TIME": "Reported on time",
    "LATE": "Reported late",
    "DUE": "Overdue by no more than 30 days",
    "UNREPORTED": "Registered, unreported",
    "NOT_DUE": "Not due yet",
}


@dataclass(frozen=True)
class Standing:
    """Registered pilots by how they stand."""

    on_time: int
    late: int
    due: int
    unreported: int
    not_due: int

    @classmethod
    def of(cls, record: Mapping[str, int]) -> "Standing":
        return cls(
            record["onTime"],
            record["late"],
            record["due"],
            record["unreported"],
            record["notDue"],
        )

    @property
    def registered(self) -> int:
        return self.reported + self.owed + self.not_due

    @property
    def reported(self) -> int:
        return self.on_time + self.late

    @property
    def owed(self) -> int:
        return self.due + self.unreported

    @property
    def fallen_due(self) -> int:
        return self.reported + self.owed

    @property
    def share(self) -> float | None:
        """Of what fell due, how much was reported; None where nothing did."""
        return self.reported / self.fallen_due if self.fallen_due else None

    @property
    def in_words(self) -> str:
        if self.share is None:
            return "No result has fallen due yet."
        return (
            f"{self.reported} of the {plural(self.fallen_due, 'result')} that fell due "
            f"{'was' if self.reported == 1 else 'were'} reported ({self.share:.0%}), "
            f"{self.on_time} of them on time. {self._owed_in_words}"
        )

    @property
    def _owed_in_words(self) -> str:
        if not self.owed:
            return "None is owed."
        owed = f"{self.owed} {'is' if self.owed == 1 else 'are'} owed"
        if self.unreported == self.owed:
            return f"{owed} for more than 30 days."
        return f"{owed}, {self.unreported or 'none'} of them for more than 30 days."

    @property
    def picture(self) -> Any:
        shares = [
            Share(self.on_time, WORDS["ON_TIME"], "best"),
            Share(self.late, WORDS["LATE"], "fair"),
            Share(self.due, WORDS["DUE"], "poor"),
            Share(self.unreported, WORDS["UNREPORTED"], "worst"),
            Share(self.not_due, WORDS["NOT_DUE"], "open"),
        ]
        return share_bar(shares, f"{plural(self.registered, 'registered pilot')}. {self.in_words}")


@dataclass(frozen=True)
class Row:
    """One force or supplier in the table."""

    name: str
    slug: str
    standing: Standing


def table(organisations: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Those with a registered pilot; who owes most first, then who reported the smallest share."""
    rows = [Row(one["name"], one["slug"], Standing.of(one["reporting"])) for one in organisations]
    found = [row for row in rows if row.standing.registered]
    return sorted(found, key=_order)


def _order(row: Row) -> tuple[Any, ...]:
    share = row.standing.share
    return (-row.standing.unreported, 2.0 if share is None else share, row.name)
