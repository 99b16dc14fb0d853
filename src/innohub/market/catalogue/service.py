"""The catalogue's operations. Each takes the unit of work, the actor and a command; flushes, never
commits; and leaves one audit entry."""

from innohub.market.catalogue.archiving import archive, archive_idle
from innohub.market.catalogue.attachments import point_to, remove_document, upload
from innohub.market.catalogue.differences import difference_of
from innohub.market.catalogue.drafting import draft, edit, write_section
from innohub.market.catalogue.duplicates import possible_duplicates
from innohub.market.catalogue.interests import declare_supplier_interest
from innohub.market.catalogue.loading import independent_of, visible_technology
from innohub.market.catalogue.own_references import Drafted, as_drafted, by_reference
from innohub.market.catalogue.review import approve, request_changes
from innohub.market.catalogue.standing import reinstate, suspend, suspend_by_hub, withdraw
from innohub.market.catalogue.submission import submit

__all__ = [
    "Drafted",
    "approve",
    "archive",
    "archive_idle",
    "as_drafted",
    "by_reference",
    "declare_supplier_interest",
    "difference_of",
    "draft",
    "edit",
    "independent_of",
    "point_to",
    "possible_duplicates",
    "reinstate",
    "remove_document",
    "request_changes",
    "submit",
    "suspend",
    "suspend_by_hub",
    "upload",
    "visible_technology",
    "withdraw",
    "write_section",
]
