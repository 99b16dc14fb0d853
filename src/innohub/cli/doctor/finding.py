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


def first_line(error: BaseException) -> str:
    """What went wrong, in the words of whoever said so, without a full stop."""
    cause = getattr(error, "orig", None) or error
    said = " ".join(str(cause).strip().partition("\n")[0].split()).rstrip(".")
    if not said and isinstance(cause, TimeoutError):
        return "no answer came in time"
    return said or type(cause).__name__


def well(about: str, said: str) -> Finding:
    return Finding(about, Level.WELL, said)


def look(about: str, said: str, mend: str) -> Finding:
    return Finding(about, Level.WORTH_A_LOOK, said, mend)


def wrong(about: str, said: str, mend: str) -> Finding:
    return Finding(about, Level.WRONG, said, mend)
