"""Reads what an organisation owns, a page at a time."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import load_only

from innohub.db.unit_of_work import Database
from innohub.errors import Denied, InnoHubError
from innohub.graphql.context import Context
from innohub.graphql.export.documents import document_of
from innohub.graphql.export.kinds import KINDS, Kind
from innohub.graphql.operations import Operations
from innohub.identity.models import Organisation, OrganisationKind
from innohub.market.documents.models import RELEASED, Document, DocumentContent


@dataclass(frozen=True)
class Owner:
    """Whose export it is."""

    id: int
    slug: str
    name: str
    kind: OrganisationKind

    @classmethod
    def of(cls, organisation: Organisation) -> "Owner":
        """Raises Denied for the company and the board: what they keep is the hub's own record."""
        kind = OrganisationKind(organisation.kind)
        if kind not in KINDS:
            raise Denied("Suppliers and forces take out what they own; the rest is the hub's own.")
        return cls(organisation.id, organisation.slug, organisation.name, kind)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return KINDS[self.kind]


@dataclass(frozen=True)
class File:
    """A document that the organisation handed in, with the name under which it is kept."""

    number: int
    name: str
    sha256: str


async def rows_of(
    operations: Operations, context: Context, owner: Owner, kind: Kind
) -> AsyncIterator[Mapping[str, Any]]:
    """Each row of a kind, in the API's own names, with the lists below it to their end: by one
    statement, so that what a row holds is of one moment. Raises InnoHubError where it cannot be
    read."""
    whole = operations.whole
    operation = whole.prepare(document_of(whole.schema, kind))
    after: str | None = None
    while True:
        given: dict[str, Any] = {"after": after}
        if kind.filter:
            given["filter"] = {kind.filter: [owner.slug]}
        answer = await whole.execute(operation, given, context)
        if answer.errors:
            raise InnoHubError(f"{kind.name} cannot be read: {answer.errors[0].message}")
        found = answer.data["found"]
        for row in found["nodes"]:
            if not kind.owner or (row[kind.owner] or {}).get("slug") == owner.slug:
                yield row
        if not found["pageInfo"]["hasNextPage"]:
            return
        after = found["pageInfo"]["endCursor"]


async def files_of(database: Database, owner: Owner) -> list[File]:
    """What the organisation handed in itself, and no scanner found anything in."""
    chosen = (
        select(Document)
        .where(
            Document.organisation_id == owner.id,
            Document.sha256.is_not(None),
            Document.state.in_(sorted(RELEASED)),
        )
        .options(load_only(Document.id, Document.file_name, Document.sha256))
        .order_by(Document.id)
    )
    async with database.session() as session:
        found = (await session.scalars(chosen)).all()
    return [File(one.id, f"{one.id}-{one.file_name}", str(one.sha256)) for one in found]


async def content_of(database: Database, file: File) -> bytes | None:
    """Its bytes; None where it was removed meanwhile."""
    chosen = select(DocumentContent.body).where(DocumentContent.document_id == file.number)
    async with database.session() as session:
        return await session.scalar(chosen)
