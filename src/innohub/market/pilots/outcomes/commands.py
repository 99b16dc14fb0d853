"""Registering further KPIs on a protocol that is not locked yet."""

from typing import Annotated

from pydantic import Field

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Line
from innohub.market.pilots.commands import Number
from innohub.market.pilots.outcomes.models import OutcomeRole


class AddOutcome(Command):
    """Register a secondary, safety or equality KPI. `revision` is the protocol's own: what was
    read.

    A safety KPI has a limit: at this value or beyond it, with the technology, it breaks its stop
    rule, which caps the verdict. An equality KPI names the group that it is measured for.
    """

    pilot_id: Annotated[int, IdOf("Pilot")]
    revision: int
    role: OutcomeRole
    kpi: Line
    """An id of the reference list `kpi`."""
    population: Line | None = None
    """The group of people, for an equality KPI alone."""
    unit: Line | None = None
    """Of a rate, where the dictionary's does not fit."""
    design: Line | None = None
    """Where it is not the protocol's. With a limit, one that the hub computes."""
    minimum_important_effect: Annotated[Number, Field(gt=0)] | None = None
    limit_low: Number | None = None
    limit_high: Number | None = None
    """Fractions for proportions: 0.05 is 5%."""


class RemoveOutcome(Command):
    """Take a KPI off the protocol before its lock. `revision` is the protocol's own."""

    outcome_id: Annotated[int, IdOf("ProtocolOutcome")]
    revision: int
