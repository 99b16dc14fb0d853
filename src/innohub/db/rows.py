"""Rows that travel to PostgreSQL as one array a column: one statement for many of them, and always
the same statement."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import column, func, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine

Column = tuple[type[TypeEngine[Any]] | TypeEngine[Any], Sequence[Any]]
"""The type of a column, and its values by row."""


def rows_of(name: str, **columns: Column) -> TableValuedAlias:
    """A table of these columns, to be joined or to update from."""
    arrays = (literal(list(values), ARRAY(kind)) for kind, values in columns.values())
    names = [column(each, kind) for each, (kind, _) in columns.items()]
    return func.unnest(*arrays).table_valued(*names, name=name).render_derived()
