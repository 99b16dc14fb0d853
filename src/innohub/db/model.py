"""The declarative base of every table.

Tables carry no ORM relationships: a load is an explicit `select`, written where policy can be
applied to it, so that nothing is ever fetched by accident.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, DateTime, Enum, Identity, MetaData, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


WORDS = Enum(
    StrEnum,
    native_enum=False,
    length=40,
    values_callable=lambda words: [word.value for word in words],
)
"""A StrEnum is stored as its value in a text column; see `one_of`."""


class Model(AsyncAttrs, DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {
        str: Text(),
        int: BigInteger(),
        datetime: DateTime(timezone=True),
        date: Date(),
        StrEnum: WORDS,
        dict[str, Any]: JSONB(),
        list[str]: ARRAY(Text()),
        list[int]: ARRAY(BigInteger()),
    }


class Entity(Model):
    """A row with an identity of its own and a moment of birth."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    created_at: Mapped[datetime]


def one_of(column: str, values: type[Any]) -> CheckConstraint:
    """Hold a text column to the values of a StrEnum.

    Text with a check, not a PostgreSQL enum: a value can be added in a transaction, and records of
    it decode without asking the server for types.
    """
    allowed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({allowed})", name=column)
