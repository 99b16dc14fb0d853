"""What is wrong with a file: the first thousand problems word by word, the others counted."""

from collections.abc import Iterable
from typing import Any

from innohub.errors import Problem

KEPT = 1_000


class Problems:
    def __init__(self) -> None:
        self.count = 0
        self.kept: list[Problem] = []

    def __bool__(self) -> bool:
        return self.count > 0

    def add(self, message: str, column: str | None = None, line: int | None = None) -> None:
        self.extend([Problem(message, column, line)])

    def extend(self, found: Iterable[Problem]) -> None:
        for problem in found:
            self.count += 1
            if len(self.kept) < KEPT:
                self.kept.append(problem)

    def told(self) -> list[dict[str, Any]]:
        """As they are stored, by line; those of the whole file last."""
        ordered = sorted(self.kept, key=lambda one: (one.row is None, one.row or 0))
        return [{"row": one.row, "column": one.field, "message": one.message} for one in ordered]
