"""Proposing a KPI for the dictionary, and deciding on it."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Line, Prose, Reason
from innohub.market.pilots.local_kpis.models import CountedAs
from innohub.market.pilots.outcomes.models import Aim


class ProposeKpi(Command):
    """Ask for a KPI of one's own in the dictionary. `force_id` is needed only by somebody who acts
    for several forces.

    The definition says who or what is counted, and from which system. A share is counted in per
    cent; a rate says for how much it is told, such as “per 1000 shifts”.
    """

    force_id: Annotated[int, IdOf("Force")] | None = None
    name: Line
    definition: Annotated[Prose, Field(min_length=20)]
    type: CountedAs
    direction: Aim
    unit: Line | None = Field(None, validate_default=True)

    @field_validator("unit")
    @classmethod
    def _of_the_type(cls, unit: str | None, others: ValidationInfo) -> str | None:
        share = others.data.get("type") is CountedAs.PROPORTION
        if share and unit not in (None, "percent"):
            raise ValueError("A share is counted in per cent: leave the unit out.")
        if not share and unit is None:
            raise ValueError("Say what it is counted in.")
        return unit


class _OfKpi(Command):
    kpi_id: Annotated[int, IdOf("LocalKpi")]


class ApproveKpi(_OfKpi):
    """Enter it in the dictionary, marked as local: from now on, protocols may choose it."""

    reason: Reason | None = None


class RefuseKpi(_OfKpi):
    """Leave it out. The reason is told to whoever proposed it."""

    reason: Reason
