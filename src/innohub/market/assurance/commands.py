"""What suppliers declare about their assurance, and what assurance officers make of it."""

from datetime import date
from typing import Annotated

from pydantic import ValidationInfo, field_validator

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Line, Reason


class DeclareItem(Command):
    """Say that a technology holds an assurance item."""

    technology_id: Annotated[int, IdOf("Technology")]
    type: str
    """An id of the reference list `assurance_type`."""
    issuer: Line
    reference: Line
    """The certificate's number or the document's name: what the issuer knows it by."""
    issued_on: date
    expires_on: date | None = None

    @field_validator("expires_on")
    @classmethod
    def _after_issue(cls, given: date | None, others: ValidationInfo) -> date | None:
        issued = others.data.get("issued_on")
        if given is not None and issued is not None and given <= issued:
            raise ValueError("An item must expire after it was issued.")
        return given


class VerifyItem(Command):
    """Confirm with the issuer's own evidence that the item is what it says."""

    item_id: Annotated[int, IdOf("AssuranceItem")]


class RejectItem(Command):
    item_id: Annotated[int, IdOf("AssuranceItem")]
    reason: Reason
