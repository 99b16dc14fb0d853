"""Rows that travel to PostgreSQL as one array a column: one statement for many of them, and always
the same statement."""

from typing import Any

from sqlalchemy import bindparam, column, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine

Kind = type[TypeEngine[Any]] | TypeEngine[Any]


def rows_of(name: str, **columns: Kind) -> TableValuedAlias:
    """A table of these columns, to be joined or to update from, in a statement that is made once.
    Each column's values come when it is executed, as the parameter `NAME_COLUMN`."""
    arrays = (bindparam(f"{name}_{each}", type_=ARRAY(kind)) for each, kind in columns.items())
    names = [column(each, kind) for each, kind in columns.items()]
    return func.unnest(*arrays).table_valued(*names, name=name).render_derived()
