"""What a look at the installation found."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    WELL = "well"
    WORTH_A_LOOK = "worth a look"
    """The hub runs, but not as its operator is likely to want it."""
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    about: str
    level: Level
    said: str
    mend: str = ""
    """What to do; empty where all is well."""


def well(about: str, said: str) -> Finding:
    return Finding(about, Level.WELL, said)


def look(about: str, said: str, mend: str) -> Finding:
    return Finding(about, Level.WORTH_A_LOOK, said, mend)


def wrong(about: str, said: str, mend: str) -> Finding:
    return Finding(about, Level.WRONG, said, mend)
