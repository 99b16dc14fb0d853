"""One line of what waits for the reader of the front door."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Task:
    """One line of "Waiting for you"."""

    address: str
    name: str
    words: str
    about: str
