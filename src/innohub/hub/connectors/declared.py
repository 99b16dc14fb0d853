"""What a manifest says of their side coming back: by their messages, or by being asked."""

from typing import Self

from pydantic import Field, model_validator

from innohub.hub.connectors.calls import Pages
from innohub.hub.connectors.expressions import ExpressionText
from innohub.hub.connectors.parts import Part


class NoteReturns(Part):
    """Where a webhook's body, or an entry of a page, tells how a record of ours fares on their
    side: JMESPath over it."""

    key: ExpressionText | None = None
    """Ours."""
    id: ExpressionText | None = None
    """Theirs, as they called the record when it was written: for what bears no key, as comments
    do."""
    status: ExpressionText | None = None
    """A short word of theirs: `In progress`."""
    text: ExpressionText | None = None
    by: ExpressionText | None = None
    """Who said it, by name."""
    at: ExpressionText | None = None
    """When: ISO 8601, or seconds or milliseconds since 1970."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.status is None and self.text is None:
            raise ValueError("a note has a status or a text")
        if (self.key is None) == (self.id is None):
            raise ValueError("give either key, or id: which record it is about")
        return self


class Poll(Pages):
    """How what changed on their side is asked for: since `{page.since}`, `{page.since_ms}`,
    `{page.since_minutes}` ago, or after `{page.day_before}`."""

    returns: NoteReturns
    minutes: int = Field(15, ge=1, le=1_440)
    lag_minutes: int = Field(2, ge=2, le=120)
    """Their clock is not ours, and a change may stay unseen for so long: each round asks for so
    much from before it."""


class Inbound(Part):
    """What of their side comes back, as notes on pilots."""

    webhook: NoteReturns | None = None
    """Over the JSON body of a webhook that they sign by the Standard Webhooks rules."""
    poll: Poll | None = None
    comments: Poll | None = None
    """A second list, asked in the same round: what people wrote beside the records."""

    @model_validator(mode="after")
    def _asked(self) -> Self:
        if self.comments is not None and self.poll is None:
            raise ValueError("comments go with poll, whose rounds they are asked in")
        return self

    @property
    def polls(self) -> tuple[Poll, ...]:
        """What a round asks for, in order."""
        return tuple(each for each in (self.poll, self.comments) if each is not None)
