"""What an operator does when two organisations become one."""

from datetime import date
from typing import Annotated

from innohub.command import Command, Reason
from innohub.db.identifiers import IdOf

Merging = Annotated[int, IdOf("Force", "Supplier")]


class PreviewMerger(Command):
    """What would become of two organisations, were the one to become part of the other today."""

    organisation_id: Merging
    successor_id: Merging


class MergeOrganisation(Command):
    """A force or a supplier becomes part of another of its kind. A force's history stays its own,
    and its people go on there. All that a supplier has is its successor's from now on, its debts
    included; what was published keeps the name under which it was made."""

    organisation_id: Merging
    successor_id: Merging
    last_day: date
    """The last day on which it was one. A supplier's has come: what it has moves at once."""
    reason: Reason
