"""One value of an observation: read strictly, and given back in the one way in which it is
written."""

import re
import string
from collections.abc import Callable

from innohub.market.evidence.days import NotADay, read_day
from innohub.market.evidence.estimators.trial import LARGEST, SMALLEST, Arm, Period
from innohub.market.evidence.numerals import NotANumber, read_number

LONGEST = 100
"""Characters of a site's or cluster's name."""
MOST_DECIMALS = 15
COMMA = re.compile(r"([+-]?[0-9]+),([0-9]+)")
LONGEST_REFERENCE = 64
REFERENCE = re.compile(rf"[A-Za-z0-9_./:#-]{{1,{LONGEST_REFERENCE}}}")
REFERENCE_SIGNS = frozenset(string.ascii_letters + string.digits + "_./:#-")
YES = {"1": "1", "yes": "1", "y": "1", "true": "1", "0": "0", "no": "0", "n": "0", "false": "0"}


class Misread(ValueError):
    """Says what is wrong with a value, for the person who wrote it."""


def arm(text: str) -> str:
    return _member(text, tuple(Arm))


def period(text: str) -> str:
    return _member(text, tuple(Period))


def _member(text: str, names: tuple[str, ...]) -> str:
    if text.lower() in names:
        return text.lower()
    options = " or ".join(f"“{name}”" for name in names)
    raise Misread(f"“{text[:40]}” is not {options}.")


def place(text: str) -> str:
    """A site's or cluster's name: one line without quotation marks."""
    plain = " ".join(text.split())
    if len(plain) > LONGEST:
        raise Misread(f"A name has at most {LONGEST} characters.")
    if '"' in plain or not plain.isprintable():
        raise Misread("A name holds no quotation marks and no control characters.")
    return plain


def reference(text: str) -> str:
    """A unit's reference: a key of the force's own that tells nothing about a person."""
    if not text:
        raise Misread("Each row needs its own reference.")
    if not REFERENCE.fullmatch(text):
        raise Misread(
            f"A reference is up to {LONGEST_REFERENCE} letters, digits and the signs "
            "_ . / : # -, without spaces: a key of your own, never a name or an address."
        )
    return text


def event(text: str) -> str:
    found = YES.get(text.lower())
    if found is None:
        if text.endswith("%"):
            raise Misread(f"“{text[:40]}” is a share: a row is one unit, with the event 1 or 0.")
        raise Misread(f"“{text[:40]}” is not 0 or 1, and not yes or no." if text else _NO_VALUE)
    return found


_NO_VALUE = "A value is missing."


def count(text: str) -> str:
    """A whole number from 0."""
    number = int(_number(text, whole=True))
    if number < 0:
        raise Misread("“events” cannot be negative.")
    return str(_within(number))


def exposure(text: str, *, comma: bool = False) -> str:
    plain = _decimal(text, comma)
    if float(plain) < SMALLEST:
        negative = plain.startswith("-")
        raise Misread(
            "“exposure” cannot be negative." if negative else "“exposure” must be more than 0."
        )
    return plain


def value(text: str, *, comma: bool = False) -> str:
    return _decimal(text, comma)


def _decimal(text: str, comma: bool) -> str:
    """A plain decimal: no plus, no zeros before the first digit that counts."""
    if comma and (written := COMMA.fullmatch(text)):
        text = f"{written[1]}.{written[2]}"
    _within(_number(text, whole=False))
    negative, digits = text.startswith("-"), text.lstrip("+-")
    units, _, decimals = digits.partition(".")
    if len(decimals) > MOST_DECIMALS:
        raise Misread(f"“{text[:40]}” has more than {MOST_DECIMALS} decimal places.")
    plain = (units.lstrip("0") or "0") + (f".{decimals}" if decimals else "")
    return f"-{plain}" if negative and plain.strip("0.") else plain


def _number(text: str, *, whole: bool) -> int | float:
    try:
        return read_number(text, whole=whole)
    except NotANumber as error:
        raise Misread(str(error)) from None


def _within(number: float) -> float:
    if abs(number) >= LARGEST:
        raise Misread(f"A value must be less than {LARGEST:,}.")
    return number


def day(text: str) -> tuple[str, int | None]:
    """The day in ISO 8601, and `Day.first`. Raises Misread."""
    try:
        found = read_day(text)
    except NotADay as error:
        raise Misread(str(error)) from None
    return found.on.isoformat(), found.first


READERS: dict[str, Callable[[str], str]] = {
    "arm": arm, "period": period, "site": place, "cluster": place, "unit_id": reference,
    "event": event, "events": count,
}  # fmt: skip
DECIMALS: dict[str, Callable[..., str]] = {"exposure": exposure, "value": value}
