"""What suppliers, reviewers and assurance officers may ask of a listing."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from innohub.db.identifiers import IdOf
from innohub.market.catalogue.models import Section
from innohub.market.catalogue.prices import PriceInterval, PriceUnit
from innohub.market.command import Command, Line, Prose, Reason

Summary = Annotated[str, StringConstraints(min_length=1, max_length=400)]
"""What it is and what it is for, in two or three sentences."""
Pence = Annotated[int, Field(ge=0, le=10**13)]
"""Pounds sterling in whole pence, without VAT."""
Trl = Annotated[int, Field(ge=1, le=9)]
"""Technology readiness level."""


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


class DraftTechnology(_PriceBand):
    """Begin a listing. `supplier_id` is needed only by somebody who acts for several."""

    supplier_id: Annotated[int, IdOf("Supplier")] | None = None
    name: Line
    summary: Summary
    category: str
    """An id of the reference list `category`."""
    trl: Trl
    capabilities: list[str] = []
    """Ids of the reference list `capability`."""

    @field_validator("capabilities")
    @classmethod
    def _each_once(cls, given: list[str]) -> list[str]:
        return sorted(set(given))


class ChangeTechnology(Command):
    """The base of every step of an existing listing. `revision` is what the person saw."""

    technology_id: Annotated[int, IdOf("Technology")]
    revision: int | None = None


class EditTechnology(_PriceBand, ChangeTechnology):
    """Change a draft. What is left out stays as it is; `capabilities` replaces the whole set."""

    name: Line | None = None
    summary: Summary | None = None
    category: str | None = None
    trl: Trl | None = None
    capabilities: list[str] | None = None

    @field_validator("capabilities")
    @classmethod
    def _each_once(cls, given: list[str] | None) -> list[str] | None:
        return None if given is None else sorted(set(given))


class WriteSection(ChangeTechnology):
    section: Section
    body: Prose


class SubmitTechnology(ChangeTechnology):
    pass


class ApproveTechnology(ChangeTechnology):
    pass


class RequestChanges(ChangeTechnology):
    reason: Reason


class SuspendTechnology(ChangeTechnology):
    reason: Reason


class ReinstateTechnology(ChangeTechnology):
    """`reason` says what cleared the cause of the suspension."""

    reason: Reason


class WithdrawTechnology(ChangeTechnology):
    reason: Reason
