"""Constants of ours written into the SQL, so that only ids are parameters, and PostgreSQL plans a
statement for what it asks."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Text, literal_column


def said(text: str) -> ColumnElement[str]:
    """A text of ours."""
    quoted = text.replace("'", "''")
    return literal_column(f"'{quoted}'", Text)


def in_states(column: Any, states: Iterable[str]) -> ColumnElement[bool]:
    """Rows in one of `states`."""
    found: ColumnElement[bool] = column.in_([literal_column(f"'{s}'") for s in sorted(states)])
    return found
