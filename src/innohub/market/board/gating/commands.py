"""Debarments, as they are recorded and lifted."""

from datetime import date
from typing import Annotated

from pydantic import ValidationInfo, field_validator

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Reason


class DebarSupplier(Command):
    """Keep a supplier off the board's shortlists, for a reason that everybody can read."""

    supplier_id: Annotated[int, IdOf("Supplier")]
    reason: Reason
    from_on: date
    until_on: date | None = None

    @field_validator("until_on")
    @classmethod
    def _not_before_it_begins(cls, given: date | None, others: ValidationInfo) -> date | None:
        begins = others.data.get("from_on")
        if given is not None and begins is not None and given < begins:
            raise ValueError("A debarment cannot end before it begins.")
        return given


class LiftDebarment(Command):
    debarment_id: Annotated[int, IdOf("Debarment")]
    reason: Reason
