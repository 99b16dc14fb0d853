"""The catalogue's operations. Each takes the unit of work, the actor and a command; flushes, never
commits; and leaves one audit entry."""

from innohub.market.catalogue.attachments import point_to, remove_document, upload
from innohub.market.catalogue.drafting import draft, edit, write_section
from innohub.market.catalogue.loading import independent_of, visible_technology
from innohub.market.catalogue.reference_lists import chosen_from, in_force
from innohub.market.catalogue.review import approve, request_changes, submit
from innohub.market.catalogue.standing import reinstate, suspend, suspend_by_hub, withdraw
from innohub.market.catalogue.working_days import (
    close_of_working_day,
    london_date,
    working_days_after,
)

__all__ = [
    "approve",
    "chosen_from",
    "close_of_working_day",
    "draft",
    "edit",
    "in_force",
    "independent_of",
    "london_date",
    "point_to",
    "reinstate",
    "remove_document",
    "request_changes",
    "submit",
    "suspend",
    "suspend_by_hub",
    "upload",
    "visible_technology",
    "withdraw",
    "working_days_after",
    "write_section",
]
