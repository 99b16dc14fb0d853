"""Numbers as they come out of spreadsheets and APIs, read strictly."""

import math
import re

PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
SHORTENED = re.compile(r"[+-]?[0-9.,]+e[+-]?[0-9]+", re.IGNORECASE)
GROUPED = re.compile(r"[+-]?[0-9]+(?:[,.\s'][0-9]+)+%?")
LONGEST = 40


class NotANumber(ValueError):
    """Says what is wrong with it, for the person who typed it."""


def read_number(value: object, *, whole: bool) -> int | float:
    """An int where `whole`, else a finite float. Raises NotANumber.

    Nothing is guessed: “1,234” is a thousand to one reader and a fraction to the next.
    """
    if value is None or value == "":
        raise NotANumber("A number is missing.")
    if isinstance(value, str):
        return _from_text(value.strip(), whole)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotANumber("This is not a number.")
    if whole and isinstance(value, int):
        return value
    try:
        number = float(value)
    except OverflowError:
        raise NotANumber("This number is too large.") from None
    return _from_float(number, str(value), whole)


def _from_text(text: str, whole: bool) -> int | float:
    shown = f"“{text[:LONGEST]}”"
    if not PLAIN.fullmatch(text):
        raise NotANumber(_why_not(text, shown))
    if len(text) > LONGEST:
        raise NotANumber(f"{shown} has too many digits.")
    if whole and "." not in text:
        return int(text)
    return _from_float(float(text), text, whole)


def _from_float(number: float, text: str, whole: bool) -> int | float:
    if not math.isfinite(number):
        raise NotANumber(f"“{text[:LONGEST]}” is not a finite number.")
    if not whole:
        return number
    if not number.is_integer():
        raise NotANumber(f"“{text[:LONGEST]}” is not a whole number.")
    return int(number)


def _why_not(text: str, shown: str) -> str:
    if text.lower().lstrip("+-") in {"nan", "inf", "infinity"}:
        return f"{shown} is not a finite number."
    if SHORTENED.fullmatch(text):
        return f"{shown} was shortened by the spreadsheet: write the number in full."
    if text.endswith("%"):
        return f"{shown}: write a plain number, without the per cent sign."
    if GROUPED.fullmatch(text):
        return f"{shown}: write a thousand as 1000 and a half as 0.5, without separators."
    return f"{shown} is not a number."
