"""Changes to listings."""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.catalogue import Technology
from innohub.graphql.types.documents import Document
from innohub.graphql.types.reviewing import SupplierInterest
from innohub.market.assurance import service as assurance
from innohub.market.catalogue import commands
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.attachments import PointToDocument, RemoveDocument
from innohub.market.pilots import service as pilots


@strawberry.type
class TechnologyPayload:
    id: strawberry.Private[int]
    technology: Technology | None = stored("id")


@strawberry.type
class DocumentPayload:
    id: strawberry.Private[int]
    document: Document | None = stored("id")


@strawberry.type
class SupplierInterestPayload:
    id: strawberry.Private[int]
    interest: SupplierInterest | None = stored("id")


@strawberry.type
class CatalogueMutations:
    draft_technology = write(catalogue.draft, commands.DraftTechnology, TechnologyPayload)
    edit_technology = write(catalogue.edit, commands.EditTechnology, TechnologyPayload)
    write_section = write(catalogue.write_section, commands.WriteSection, TechnologyPayload)
    submit_technology = write(assurance.submit, commands.SubmitTechnology, TechnologyPayload)
    approve_technology = write(assurance.approve, commands.ApproveTechnology, TechnologyPayload)
    request_changes = write(catalogue.request_changes, commands.RequestChanges, TechnologyPayload)
    suspend_technology = write(catalogue.suspend, commands.SuspendTechnology, TechnologyPayload)
    reinstate_technology = write(
        assurance.reinstate, commands.ReinstateTechnology, TechnologyPayload
    )
    withdraw_technology = write(
        pilots.withdraw_listing, commands.WithdrawTechnology, TechnologyPayload
    )
    declare_supplier_interest = write(
        catalogue.declare_supplier_interest,
        commands.DeclareSupplierInterest,
        SupplierInterestPayload,
    )
    point_to_document = write(catalogue.point_to, PointToDocument, DocumentPayload)
    remove_document = write(catalogue.remove_document, RemoveDocument, TechnologyPayload)
