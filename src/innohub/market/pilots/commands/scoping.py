"""From the wish for a pilot to its approved scope."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Line, Money, Prose, Reason
from innohub.market.pilots.commands.parts import PilotCommand, later
from innohub.market.pilots.models import OverlapChoice


class Costs(Command):
    """What a pilot costs the force, in whole pence, VAT apart: the threshold of the Procurement Act
    counts all three sums together."""

    cost_pence: Money | None = None
    """Of the pilot itself, without VAT. None where it is not known yet; 0 where it is free."""
    options_pence: Money = 0
    """Of whatever the contract lets the force go on to, without VAT."""
    vat_pence: Money = 0
    """On both."""
    procurement_route: Line | None = None
    """How the contract is made, an id of the reference list `procurement_route`. Needed where pilot
    and options reach the threshold."""


class ProposePilot(Costs):
    """Write down the wish for a pilot. `force_id` is needed only by somebody who acts for several
    forces."""

    technology_id: Annotated[int, IdOf("Technology")]
    force_id: Annotated[int, IdOf("Force")] | None = None
    challenge_id: Annotated[int, IdOf("Challenge")] | None = None
    """The challenge that it is to answer: one that the force sponsors, its responses closed."""
    site: Line
    title: Line
    question: Prose
    kpi: Line
    """An id of the reference list `kpi`."""
    start_on: date
    end_on: date

    @field_validator("end_on")
    @classmethod
    def _after_the_start(cls, end_on: date, others: ValidationInfo) -> date:
        return later(end_on, others.data.get("start_on"))


class RequestPilot(ProposePilot):
    """Ask for a pilot. `force_id` is needed only by somebody who acts for several forces.

    Where pilots like it exist, it waits for `overlap_choice` (here or by ChooseOverlap).
    """

    overlap_choice: OverlapChoice | None = None
    join_id: Annotated[int, IdOf("Pilot")] | None = Field(None, validate_default=True)
    """To join as a site: which of the pilots like it."""
    overlap_reason: Reason | None = Field(None, validate_default=True)

    @field_validator("join_id")
    @classmethod
    def _joining_names_a_pilot(cls, join_id: int | None, others: ValidationInfo) -> int | None:
        return _joined(join_id, others.data.get("overlap_choice"))

    @field_validator("overlap_reason")
    @classmethod
    def _proceeding_needs_a_reason(cls, reason: str | None, others: ValidationInfo) -> str | None:
        return _reasoned(reason, others.data.get("overlap_choice"))


class CheckOverlap(PilotCommand):
    """Go on with a proposed pilot: it is set against the pilots like it."""


class ChooseOverlap(PilotCommand):
    """Say what the pilots like it mean. To join one of them as a site, `join_id` names it."""

    choice: OverlapChoice
    join_id: Annotated[int, IdOf("Pilot")] | None = Field(None, validate_default=True)
    reason: Reason | None = Field(None, validate_default=True)

    @field_validator("join_id")
    @classmethod
    def _joining_names_a_pilot(cls, join_id: int | None, others: ValidationInfo) -> int | None:
        return _joined(join_id, others.data.get("choice"))

    @field_validator("reason")
    @classmethod
    def _proceeding_needs_a_reason(cls, reason: str | None, others: ValidationInfo) -> str | None:
        return _reasoned(reason, others.data.get("choice"))


class AcceptPilot(PilotCommand):
    """The supplier agrees to the pilot as it was requested."""


class DeclinePilot(PilotCommand):
    reason: Reason


class SetCosts(Costs):
    """Say what the pilot costs. `revision` is what the person saw."""

    pilot_id: Annotated[int, IdOf("Pilot")]
    revision: int | None = None
    cost_pence: Money


class ApprovePilot(PilotCommand):
    """Approve the scope; with new dates where the planned start has passed meanwhile."""

    start_on: date | None = None
    end_on: date | None = None
    reason: Reason | None = None
    """Why, for everybody who works on it: it stands with the step."""

    @model_validator(mode="after")
    def _both_dates_or_none(self) -> Self:
        if (self.start_on is None) != (self.end_on is None):
            raise ValueError("Give both new dates, or neither.")
        return self

    @field_validator("end_on")
    @classmethod
    def _after_the_start(cls, end_on: date | None, others: ValidationInfo) -> date | None:
        return end_on and later(end_on, others.data.get("start_on"))


def _joined(join_id: int | None, choice: OverlapChoice | None) -> int | None:
    if choice is OverlapChoice.JOIN_AS_SITE and join_id is None:
        raise ValueError("Name the pilot that your force joins.")
    if choice is not OverlapChoice.JOIN_AS_SITE and join_id is not None:
        raise ValueError("A pilot to join is named only to join it as a site.")
    return join_id


def _reasoned(reason: str | None, choice: OverlapChoice | None) -> str | None:
    if choice is OverlapChoice.PROCEED_WITH_REASON and reason is None:
        raise ValueError("Say why a pilot of your own is needed: the board will read it.")
    return reason
