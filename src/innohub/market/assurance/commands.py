"""What suppliers declare about their assurance, what assurance officers make of it, and what each
force does."""

from datetime import date
from typing import Annotated, Self

from pydantic import StringConstraints, ValidationInfo, field_validator, model_validator

from innohub.db.identifiers import IdOf
from innohub.market.assurance.models import Classification, PassportResponse, VerificationMethod
from innohub.market.command import Command, Line, Prose, Reason
from innohub.market.documents.commands import DescribeFile

Evidence = Annotated[str, StringConstraints(min_length=1, max_length=500)]
"""An https address, or the place in the issuer's register."""


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
    scope: Line | None = None
    level: Line | None = None
    classification: Classification = Classification.OFFICIAL
    holder: Line | None = None
    evidence: Evidence | None = None
    renews_id: Annotated[int, IdOf("AssuranceItem")] | None = None
    """The item of the same type that this one replaces once it is verified."""

    @field_validator("expires_on")
    @classmethod
    def _after_issue(cls, given: date | None, others: ValidationInfo) -> date | None:
        issued = others.data.get("issued_on")
        if given is not None and issued is not None and given <= issued:
            raise ValueError("An item must expire after it was issued.")
        return given

    @field_validator("evidence")
    @classmethod
    def _address(cls, given: str | None) -> str | None:
        return _safe(given)


class AddEvidence(Command):
    """Say where the evidence of a declared item is."""

    item_id: Annotated[int, IdOf("AssuranceItem")]
    evidence: Evidence
    revision: int | None = None

    @field_validator("evidence")
    @classmethod
    def _address(cls, given: str) -> str:
        return _safe(given) or given


class UploadEvidence(DescribeFile):
    """Add a file that is the evidence of a declared item, or a part of it."""

    item_id: Annotated[int, IdOf("AssuranceItem")]
    revision: int | None = None


class RemoveEvidence(Command):
    """Take a document of evidence back, until an officer has judged the item."""

    document_id: Annotated[int, IdOf("Document")]


class JudgeItem(Command):
    """The base of an officer's judgement. `revision` is what the officer saw: evidence that was
    changed meanwhile has to be looked at again."""

    item_id: Annotated[int, IdOf("AssuranceItem")]
    revision: int | None = None


class VerifyItem(JudgeItem):
    """Confirm with the issuer's own evidence that the item is what it says."""

    method: VerificationMethod
    reason: Reason
    """What was seen, and where."""


class RejectItem(JudgeItem):
    """Say that the item is not what it claims to be."""

    method: VerificationMethod | None = None
    reason: Reason


class LocalAddition(Command):
    """One part of a local addendum."""

    part: str
    """An id of the reference list `dpia_addition`; `addendum` for items of other types."""
    body: Prose


class RespondToItem(Command):
    """A force's answer to a verified item. It replaces the force's earlier one, which stays as
    history. `force_id` is needed only by somebody who reviews for several forces."""

    item_id: Annotated[int, IdOf("AssuranceItem")]
    force_id: Annotated[int, IdOf("Force")] | None = None
    response: PassportResponse
    reason: Reason
    additions: list[LocalAddition] = []

    @field_validator("additions", mode="before")
    @classmethod
    def _written(cls, given: object) -> object:
        # A form sends every part of the addendum, the ones left empty as empty texts.
        if not isinstance(given, list):
            return given
        return [one for one in given if not _is_blank(one)]

    @model_validator(mode="after")
    def _each_part_once(self) -> Self:
        parts = [one.part for one in self.additions]
        if len(parts) != len(set(parts)):
            raise ValueError("Write each part of the addendum once.")
        return self


def _is_blank(addition: object) -> bool:
    return isinstance(addition, dict) and not str(addition.get("body", "")).strip()


def _safe(given: str | None) -> str | None:
    """Anything that looks like an address must be one that is safe to follow."""
    if given is not None and "://" in given and not given.startswith("https://"):
        raise ValueError("An address of evidence must begin with https://")
    return given
