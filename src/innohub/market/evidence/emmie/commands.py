"""What a force tells of one of its sites beside the effect."""

from typing import Annotated, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Prose, Reason
from innohub.market.evidence.emmie.models import NOTES

Quality = Annotated[int, Field(ge=0, le=4)]


class RecordEmmie(Command):
    """Tell of one site how the technology works, for whom, what supported or obstructed it and what
    it costs: at least one of the four. The effect is the hub's to compute.

    Each note comes with how good the evidence behind it is, from 1 (limited) to 4 (very strong); 0
    is no information. `revision` is the version that the person has read: needed to replace one.
    Once the pilot is published, `reason` says why it is replaced.
    """

    site_id: Annotated[int, IdOf("PilotSite")]
    revision: int | None = None
    mechanism: Prose | None = None
    mechanism_quality: Quality = Field(0, validate_default=True)
    moderators: Prose | None = None
    moderators_quality: Quality = Field(0, validate_default=True)
    implementation: Prose | None = None
    implementation_quality: Quality = Field(0, validate_default=True)
    economics: Prose | None = None
    economics_quality: Quality = Field(0, validate_default=True)
    reason: Reason | None = None

    @field_validator(*(f"{name}_quality" for name in NOTES))
    @classmethod
    def _with_its_note(cls, quality: int, others: ValidationInfo) -> int:
        name = str(others.field_name).removesuffix("_quality")
        # A note that is wrong by itself is told of there.
        if name in others.data and (others.data[name] is None) != (quality == 0):
            raise ValueError(
                "Nothing is written to which this belongs."
                if quality
                else "Say how good the evidence behind this is, from 1 to 4."
            )
        return quality

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if not any(getattr(self, name) for name in NOTES):
            raise ValueError(
                "Tell at least one thing beside the effect: how it works, for whom, what supported "
                "or obstructed it, or what it costs."
            )
        return self
