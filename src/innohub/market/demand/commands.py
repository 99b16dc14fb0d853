"""What the company, forces and suppliers do in a pooled demand room. Sums are whole pence without
VAT."""

from datetime import date
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Line, Money, Prose, Reason
from innohub.market.demand.models import CommitmentStrength
from innohub.market.quotes.commands import Quantity, Terms
from innohub.market.quotes.models import PriceInterval, PriceUnit

ForceId = Annotated[int, IdOf("Force")]


class OpenPool(Command):
    """Open a room for buying together what a technology, a challenge or an item of a board's
    shortlist is about: exactly one of them."""

    title: Line
    specification: Prose
    """What every quote must meet, so that prices compare."""
    unit: PriceUnit
    interval: PriceInterval
    """How often the price is paid: once, or by month, quarter, six months or year."""
    term_months: Annotated[int, Field(ge=1, le=240)]
    minimum_quantity: Quantity = 1
    """Below it the pool fails when the window closes."""
    technology_id: Annotated[int, IdOf("Technology")] | None = None
    challenge_id: Annotated[int, IdOf("Challenge")] | None = None
    round_item_id: Annotated[int, IdOf("RoundItem")] | None = Field(None, validate_default=True)

    @field_validator("round_item_id")
    @classmethod
    def _one_source(cls, item: int | None, others: ValidationInfo) -> int | None:
        given = [item, others.data.get("technology_id"), others.data.get("challenge_id")]
        if sum(one is not None for one in given) != 1:
            raise ValueError("Name one: a technology, a challenge, or an item of a shortlist.")
        return item


class PoolCommand(Command):
    """The base of every step. `revision` is what the person saw."""

    pool_id: Annotated[int, IdOf("Pool")]
    revision: int | None = None


class AskForQuotes(PoolCommand):
    """Ask the suppliers of these listings for quotes, until a day."""

    technology_ids: Annotated[
        list[Annotated[int, IdOf("Technology")]], Field(min_length=1, max_length=20)
    ]
    quotes_by: date


class QuoteForPool(Terms):
    """Quote in a pool, in its unit, interval and term, at a price fixed for the term. A new quote
    takes the place of the one that the supplier made there for the same listing."""

    pool_id: Annotated[int, IdOf("Pool")]
    technology_id: Annotated[int, IdOf("Technology")]


class StartCommitting(PoolCommand):
    """Show each force its price, and open the window in which forces commit."""

    commit_by: date


class CommitToPool(Command):
    """Say how much a force would buy, and how firmly, in place of what it said before. Only
    quantities that are budget-approved or binding move the price. `force_id` is needed only by
    somebody who acts for several forces."""

    pool_id: Annotated[int, IdOf("Pool")]
    force_id: ForceId | None = None
    strength: CommitmentStrength
    quantity: Quantity | None = Field(None, validate_default=True)
    """Needed but for an interest alone."""
    note: Line | None = None
    """The approval or order that stands behind it."""

    @field_validator("quantity")
    @classmethod
    def _with_strength(cls, quantity: int | None, others: ValidationInfo) -> int | None:
        interested = others.data.get("strength") is CommitmentStrength.INTERESTED
        if interested and quantity is not None:
            raise ValueError("An interest has no quantity yet. Give an indicative one instead.")
        if not interested and quantity is None:
            raise ValueError("Enter the quantity.")
        return quantity


class WithdrawCommitment(Command):
    """Take a commitment back, while the window is open."""

    pool_id: Annotated[int, IdOf("Pool")]
    force_id: ForceId | None = None
    reason: Reason


class ApproveBudget(Command):
    """Approve the budget for a quantity that a force committed to without one."""

    commitment_id: int
    note: Line
    """The approval, in words."""


class DeclineBudget(Command):
    """Take a quantity back, for want of a budget."""

    commitment_id: int
    reason: Reason


class ProposeAward(PoolCommand):
    """Propose to buy at a quote, by a lawful route. Each force with a binding quantity then agrees.
    A new proposal takes the place of the one before."""

    quote_id: Annotated[int, IdOf("Quote")]
    route: Line
    """By which the law lets the contract be made: an id of the reference list
    `procurement_route`."""
    route_reference: Line
    """The notice, framework or contract that the route runs by."""
    tier_from_quantity: Quantity | None = None
    """The tier to award at; left out, the one that the binding quantity reaches."""
    reason: Reason


class AgreeToAward(Command):
    """A force with a binding quantity agrees to the award that is proposed."""

    pool_id: Annotated[int, IdOf("Pool")]
    force_id: ForceId | None = None


class AwardPool(PoolCommand):
    """Award it as proposed, once every force with a binding quantity has agreed."""


class FailPool(PoolCommand):
    """End it, where the window has closed below the least quantity."""

    reason: Reason


class JoinPoolLate(Command):
    """Join after the award, at the price that is reached, with a binding quantity; or add to one's
    own. The units count towards the tiers as all others do."""

    pool_id: Annotated[int, IdOf("Pool")]
    force_id: ForceId | None = None
    quantity: Quantity
    note: Line | None = None


class CallOffFromPool(Command):
    """Order part of the force's quantity, for the whole term."""

    pool_id: Annotated[int, IdOf("Pool")]
    force_id: ForceId | None = None
    quantity: Quantity
    reference: Line | None = None
    """The force's own order number."""
    paid_pence: Money | None = None
    """The price actually paid for units, set-up and training, where it is known already."""


class RecordPricePaid(Command):
    """Say what was actually paid for a call-off, without VAT."""

    call_off_id: Annotated[int, IdOf("CallOff")]
    revision: int | None = None
    paid_pence: Money
