"""A supplier's whole catalogue at once."""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.imports import CatalogueImport
from innohub.market.imports import service as imports
from innohub.market.imports.commands import UpsertCatalogue


@strawberry.type
class CatalogueImportPayload:
    id: strawberry.Private[int]
    catalogue_import: CatalogueImport | None = stored("id")


@strawberry.type
class ImportMutations:
    upsert_catalogue = write(imports.upsert, UpsertCatalogue, CatalogueImportPayload)
