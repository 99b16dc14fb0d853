"""What forces of the demonstration market need, and what comes of it.

`…_day` is a number of days from the day the market is seeded: negative is past. Budgets and prices
are pence without VAT.
"""

from typing import Self

from pydantic import Field, model_validator

from innohub.command import Line, Prose, Reason
from innohub.market.challenges.models import ChallengeState
from innohub.seed.reference import Record, Slug


class StoryCosponsor(Record):
    force: Slug
    day: int = Field(lt=0)
    statement: Prose | None = None


class StoryQuestion(Record):
    """Asked by the supplier's administrator; without `answer`, it waits."""

    supplier: Slug
    day: int = Field(lt=0)
    question: Prose
    answer: Prose | None = None
    answered_day: int | None = Field(None, lt=0)

    @model_validator(mode="after")
    def _answered_or_not(self) -> Self:
        if (self.answer is None) != (self.answered_day is None):
            raise ValueError("an answer has its day")
        return self


class StoryResponse(Record):
    supplier: Slug
    day: int = Field(lt=0)
    technology: Slug | None = None
    proposal: Prose
    delivery: Prose
    price_from_pence: int | None = Field(None, ge=0)
    price_to_pence: int | None = Field(None, ge=0)


class StoryChallenge(Record):
    """Where it stands in the end is `state`; days that it does not name are still to come."""

    slug: Slug
    force: Slug
    state: ChallengeState
    title: Line
    problem: Prose
    kpi: str
    category: str
    baseline_value: float | None = None
    baseline_source: Line | None = None
    constraints: Prose | None = None
    budget_from_pence: int | None = Field(None, ge=0)
    budget_to_pence: int | None = Field(None, ge=0)
    drafted_day: int = Field(lt=0)
    opened_day: int | None = Field(None, lt=0)
    published_day: int | None = Field(None, lt=0)
    respond_by_day: int | None = None
    piloting_day: int | None = Field(None, lt=0)
    ended_day: int | None = Field(None, lt=0)
    reason: Reason | None = None
    """Why it was closed unmet."""
    cosponsors: tuple[StoryCosponsor, ...] = ()
    questions: tuple[StoryQuestion, ...] = ()
    responses: tuple[StoryResponse, ...] = ()
    merge_into: Slug | None = None
    """Its owner proposes to merge it into this one, on the day before the seeding."""
    followers: tuple[str, ...] = ()
    """E-mail addresses."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        days = [
            day
            for day in (
                self.drafted_day, self.opened_day, self.published_day, self.respond_by_day,
                self.piloting_day, self.ended_day,
            )
            if day is not None
        ]  # fmt: skip
        if days != sorted(days):
            raise ValueError("the days must follow each other")
        if (self.published_day is None) != (self.respond_by_day is None):
            raise ValueError("what is published has a deadline")
        return self
