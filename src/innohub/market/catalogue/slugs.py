"""The readable part of a listing's address."""

import re
import unicodedata
from collections.abc import Container
from itertools import count

LONGEST = 60


def slug_of(name: str) -> str:
    """`name` in lower-case ASCII letters, digits and single hyphens, at most 60 characters."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    return "-".join(words)[:LONGEST].strip("-") or "technology"


def first_free(slug: str, taken: Container[str]) -> str:
    """`slug`, or with the lowest number from 2 that makes it differ from those taken."""
    if slug not in taken:
        return slug
    numbered = (f"{slug}-{number}" for number in count(2))
    return next(candidate for candidate in numbered if candidate not in taken)
