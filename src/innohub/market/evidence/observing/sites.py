"""Sites and clusters as they are named in one file: each in one spelling, a cluster in one arm."""

MOST = 5_000


class Sites:
    def __init__(self, *, clustered: bool) -> None:
        """`clustered`: whole clusters were put in one arm or the other."""
        self.clustered = clustered
        self.known: set[tuple[str, str, str]] = {("site", "", "")}
        """Column, name, and of a cluster its arm: what was found sound already."""
        self._spelt: dict[tuple[str, str], str] = {}
        self._arms: dict[str, str] = {}

    def count(self, column: str) -> int:
        return sum(1 for of, _ in self._spelt if of == column)

    def wrong(self, column: str, name: str, arm: str) -> str | None:
        """What is wrong with naming this place here; None where nothing is."""
        mark = (column, name, arm if column == "cluster" else "")
        if mark in self.known:
            return None
        if not name:
            return "Each row needs its cluster." if self.clustered else None
        first = self._spelt.setdefault((column, name.casefold()), name)
        if first != name:
            return f"“{name}” is “{first}” written otherwise: write one name in one way."
        if len(self._spelt) > MOST:
            return f"More than {MOST:,} names: a {column} is a place, not a unit."
        if column == "cluster" and self.clustered and self._arms.setdefault(name, arm) != arm:
            return f"The cluster “{name}” is in both arms: in this design it has one."
        self.known.add(mark)
        return None
