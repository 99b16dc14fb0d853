"""What suppliers, reviewers and assurance officers may ask of a listing."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from innohub.db.identifiers import IdOf
from innohub.market.catalogue.models import Section
from innohub.market.catalogue.parts import LABELS
from innohub.market.catalogue.prices import PriceInterval, PriceUnit
from innohub.market.command import Command, Line, Prose, Reason

Summary = Annotated[str, StringConstraints(min_length=1, max_length=400)]
"""What it is and what it is for, in two or three sentences."""
Pence = Annotated[int, Field(ge=0, le=10**13)]
"""Pounds sterling in whole pence, without VAT."""
Trl = Annotated[int, Field(ge=1, le=9)]
"""Technology readiness level."""

Evidence = Annotated[str, StringConstraints(min_length=1, max_length=600)]
"""What backs the claimed readiness level: the trial, the certificate, the force that runs it."""
Systems = Annotated[list[Line], Field(max_length=30)]
"""Systems that it works with, as their makers call them."""


def each_once(given: list[str] | None) -> list[str] | None:
    """Ids of a reference list, in alphabetical order."""
    return None if given is None else sorted(set(given))


class _PriceBand(Command):
    """The published band of prices: all of it, or none of it."""

    price_from_pence: Pence | None = None
    price_to_pence: Pence | None = Field(None, validate_default=True)
    price_unit: PriceUnit | None = Field(None, validate_default=True)
    price_interval: PriceInterval | None = Field(None, validate_default=True)

    @field_validator("price_to_pence", "price_unit", "price_interval")
    @classmethod
    def _whole(cls, given: Any, others: ValidationInfo) -> Any:
        start = others.data.get("price_from_pence", given)
        if (start is None) != (given is None):
            raise ValueError("State the price band whole: from, to, unit and interval.")
        return given

    @field_validator("price_to_pence")
    @classmethod
    def _ordered(cls, given: int | None, others: ValidationInfo) -> int | None:
        start = others.data.get("price_from_pence")
        if given is not None and start is not None and given < start:
            raise ValueError("The price band must not end below its start.")
        return given


Reference = Annotated[str, StringConstraints(min_length=1, max_length=100)]
"""The supplier's own name for a listing, as its product system has it."""


class ListedFacts(_PriceBand):
    """The base of what begins a listing."""

    name: Line
    summary: Summary
    category: str
    """An id of the reference list `category`."""
    trl: Trl
    trl_evidence: Evidence | None = None
    capabilities: list[str] = []
    """Ids of the reference list `capability`."""
    research_lines: list[str] = []
    """Ids of the reference list `ari_service_line`."""
    integrations: Systems = []
    hosting: list[str] = []
    """Ids of the reference list `hosting`."""
    data_kinds: list[str] = []
    """Ids of the reference list `data_kind`."""
    ai_role: str | None = None
    """An id of the reference list `ai_role`."""

    _each_once = field_validator("capabilities", "research_lines", "hosting", "data_kinds")(
        each_once
    )


class DraftTechnology(ListedFacts):
    """Begin a listing. `supplier_id` is needed only by somebody who acts for several."""

    supplier_id: Annotated[int, IdOf("Supplier")] | None = None
    supplier_reference: Reference | None = None


class WriteDraft(Command):
    """The base of every change of a draft."""

    technology_id: Annotated[int, IdOf("Technology")]


class EditTechnology(_PriceBand, WriteDraft):
    """Change the facts in a draft. What is left out stays as it is; a list replaces the whole list.
    `revision` is the draft's `factsRevision` that the person saw."""

    revision: int | None = None
    name: Line | None = None
    summary: Summary | None = None
    category: str | None = None
    trl: Trl | None = None
    trl_evidence: Evidence | None = None
    capabilities: list[str] | None = None
    research_lines: list[str] | None = None
    integrations: Systems | None = None
    hosting: list[str] | None = None
    data_kinds: list[str] | None = None
    ai_role: str | None = None

    _each_once = field_validator("capabilities", "research_lines", "hosting", "data_kinds")(
        each_once
    )


class WriteSection(WriteDraft):
    """Write one section of a draft, in place of what stood there. `revision` is the section's that
    the person saw, 0 where nothing stood there."""

    section: Section
    body: Prose
    revision: int | None = None


class ChangeTechnology(Command):
    """The base of every step of an existing listing. `revision` is what the person saw."""

    technology_id: Annotated[int, IdOf("Technology")]
    revision: int | None = None


class SubmitTechnology(ChangeTechnology):
    """Make the draft a version. A first one, and one that changes price, data use, AI, hosting or
    security, is reviewed before anybody reads it; others are live at once. `draft_revision` is the
    draft's `revision` that the person saw."""

    draft_revision: int | None = None


class ReviewTechnology(ChangeTechnology):
    """The base of a reviewer's answer. `version` is the number of the version that they read."""

    version: int | None = None


class ApproveTechnology(ReviewTechnology):
    """Publish the version under review."""


class PartReason(Command):
    """What has to change in one part."""

    part: str
    """A section, or a fact: `price`, `hosting` …"""
    reason: Reason

    @field_validator("part")
    @classmethod
    def _known(cls, given: str) -> str:
        if given not in LABELS:
            raise ValueError("A listing has no such part.")
        return given


class RequestChanges(ReviewTechnology):
    """Give the version under review back to its supplier; `reasons` are shown at their parts."""

    reason: Reason
    reasons: list[PartReason] = []


class SuspendTechnology(ChangeTechnology):
    reason: Reason


class ReinstateTechnology(ChangeTechnology):
    """`reason` says what cleared the cause of the suspension, `evidence` what shows it: a
    document, a certificate, a report by its name or number."""

    reason: Reason
    evidence: Line


class WithdrawTechnology(ChangeTechnology):
    reason: Reason


class ArchiveTechnology(Command):
    """The hub's own step."""

    technology_id: Annotated[int, IdOf("Technology")]


class DeclareSupplierInterest(Command):
    """Say that you have something to do with a supplier. You then review none of its listings."""

    supplier_id: Annotated[int, IdOf("Supplier")]
    reason: Reason
