"""What statements that are executed all the time are made of: rows that travel to PostgreSQL as one
array a column, and tables in place of entities."""

from typing import Any, cast

from sqlalchemy import Table, bindparam, column, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine

Kind = type[TypeEngine[Any]] | TypeEngine[Any]


def table_of(entity: type[DeclarativeBase]) -> Table:
    """The table beneath an entity. A statement on it costs half of one on the entity, which is
    made anew and given a key for the cache each time that it is executed."""
    return cast(Table, entity.__table__)


def rows_of(name: str, **columns: Kind) -> TableValuedAlias:
    """A table of these columns, to be joined or to update from, in a statement that is made once.
    Each column's values come when it is executed, as the parameter `NAME_COLUMN`."""
    arrays = (bindparam(f"{name}_{each}", type_=ARRAY(kind)) for each, kind in columns.items())
    names = [column(each, kind) for each, kind in columns.items()]
    return func.unnest(*arrays).table_valued(*names, name=name).render_derived()
