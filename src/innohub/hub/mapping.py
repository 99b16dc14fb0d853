"""What a supplier changed of how events become their records: per connection, in versions.

The entries go over those of the connector's `mapping.yaml`, field by field. Versions are only
added: the newest counts, and going back makes a new one.
"""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity
from innohub.db.unit_of_work import Database
from innohub.hub.connectors.expressions import Expression, NoAnswer
from innohub.hub.connectors.manifest import Connector, FieldMapping
from innohub.hub.models import Connection

KEPT = 1_000
"""Mappings that one process keeps at hand."""


class ConnectionMapping(Entity):
    """One version of a connection's mapping. Rows are only ever added."""

    __tablename__ = "connection_mapping"
    __table_args__ = (
        UniqueConstraint("connection_id", "version"),
        CheckConstraint("version >= 1", name="version"),
        Index("ix_connection_mapping_organisation_id_id", "organisation_id", "id"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    version: Mapped[int]
    fields: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """`[{name, expression}]`, in the order in which they are shown; an empty expression leaves the
    connector's field of this name out."""
    note: Mapped[str | None]
    restores: Mapped[int | None]
    """The version that this one brings back."""
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """None where an API client made it."""


def merged(connector: FieldMapping, fields: list[dict[str, Any]]) -> FieldMapping:
    """The connector's mapping with a connection's own entries over it. Raises NoAnswer for an
    expression that does not parse."""
    found = dict(connector.fields)
    for entry in fields:
        name, source = str(entry["name"]), str(entry["expression"])
        if not source:
            found.pop(name, None)
            continue
        try:
            found[name] = Expression(source)
        except ValueError as error:
            raise NoAnswer(f"The field {name}: {error}.") from None
    return connector.model_copy(update={"fields": found})


async def mapping_version(
    session: AsyncSession, connection_id: int, version: int
) -> ConnectionMapping | None:
    wanted = select(ConnectionMapping).where(
        ConnectionMapping.connection_id == connection_id, ConnectionMapping.version == version
    )
    return (await session.scalars(wanted)).one_or_none()


async def mapping_of(
    session: AsyncSession, connection: Connection, connector: Connector
) -> FieldMapping:
    """How events become records over this connection now: the connector's own mapping, unless the
    supplier made another."""
    version = connection.mapping_version
    own = version and await mapping_version(session, connection.id, version)
    return merged(connector.mapping, own.fields) if own else connector.mapping


class Mappings:
    """The mappings that one worker sends with. A version never changes, so each is read once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[tuple[int, int], FieldMapping] = {}

    async def of(self, connection: Connection, connector: Connector) -> FieldMapping:
        """As `mapping_of`. The database is asked only where a mapping is not at hand."""
        key = (connection.id, connection.mapping_version)
        if connection.mapping_version == 0:
            return connector.mapping
        if key not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            async with self._database.session() as session:
                self._kept[key] = await mapping_of(session, connection, connector)
        return self._kept[key]
