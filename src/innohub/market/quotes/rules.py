"""The rules of a quote's terms, by name: what breaks one says which."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from itertools import pairwise

from innohub.errors import Invalid, Problem
from innohub.market.quotes.commands import Terms, VolumeTier
from innohub.market.quotes.models import PriceBasis
from innohub.market.quotes.pricing import Schedule, Tier, intervals_in, schedule_of
from innohub.market.working_days import in_words

SUMS = {
    "unit_price_pence": "The unit price",
    "setup_pence": "The set-up cost",
    "training_pence": "The training cost",
    "exit_pence": "The exit cost",
}


class QuoteRule(StrEnum):
    PRICE_NOT_BELOW_ZERO = "price_not_below_zero"
    TIERS_DO_NOT_OVERLAP = "tiers_do_not_overlap"
    TIERS_LEAVE_NO_GAP = "tiers_leave_no_gap"
    PRICE_DOES_NOT_RISE = "price_does_not_rise_with_quantity"
    TERM_IS_WHOLE_INTERVALS = "term_is_whole_intervals"
    CAP_GOES_WITH_CAPPED_INDEX = "cap_goes_with_capped_index"
    VALID_FROM_TODAY = "valid_from_today"
    OWN_PUBLISHED_LISTING = "own_published_listing"
    NOT_ACCEPTED_YET = "quote_not_accepted_yet"


R = QuoteRule


def checked(terms: Terms, today: date) -> tuple[Schedule, int]:
    """The tiers in their order, and how often the price is paid in the term. Raises Invalid with
    every rule that the terms break."""
    broken = [*_sums(terms), *_tiers(terms), *_term(terms, today)]
    if broken:
        raise Invalid(broken[0].message, field=broken[0].field, problems=broken)
    first = Tier(terms.min_quantity, terms.unit_price_pence)
    further = [Tier(one.from_quantity, one.unit_price_pence) for one in terms.tiers]
    intervals = intervals_in(terms.term_months, terms.interval)
    assert intervals is not None
    return schedule_of(terms.tier_mode, [first, *further]), intervals


def _sums(terms: Terms) -> Iterator[Problem]:
    for name, words in SUMS.items():
        if getattr(terms, name) < 0:
            yield Problem(f"{words} cannot be below zero.", name, rule=R.PRICE_NOT_BELOW_ZERO)
    for number, tier in enumerate(terms.tiers):
        if tier.unit_price_pence < 0:
            yield Problem(
                f"The price from {tier.from_quantity:,} units on cannot be below zero.",
                f"tiers.{number}.unit_price_pence",
                rule=R.PRICE_NOT_BELOW_ZERO,
            )


def _tiers(terms: Terms) -> Iterator[Problem]:
    first = VolumeTier(from_quantity=terms.min_quantity, unit_price_pence=terms.unit_price_pence)
    given = [(first, "min_quantity"), *_named(terms.tiers)]
    in_order = sorted(given, key=lambda one: one[0].from_quantity)
    for (tier, _), (following, name) in pairwise(in_order):
        yield from _between(tier, following, name)
    for tier, name in given[1:]:
        if tier.from_quantity < terms.min_quantity:
            yield Problem(
                f"A tier cannot begin below the least quantity, {terms.min_quantity:,}.",
                name,
                rule=R.TIERS_DO_NOT_OVERLAP,
            )
        if tier.to_quantity is not None and tier.to_quantity < tier.from_quantity:
            yield Problem("A tier cannot end before it begins.", name, rule=R.TIERS_DO_NOT_OVERLAP)


def _named(tiers: list[VolumeTier]) -> Iterator[tuple[VolumeTier, str]]:
    for number, tier in enumerate(tiers):
        yield tier, f"tiers.{number}.from_quantity"


def _between(tier: VolumeTier, following: VolumeTier, name: str) -> Iterator[Problem]:
    begins, ends = following.from_quantity, tier.to_quantity
    if begins == tier.from_quantity or (ends is not None and ends >= begins):
        yield Problem(
            f"Two tiers give a price for {begins:,} units: they cannot overlap.",
            name,
            rule=R.TIERS_DO_NOT_OVERLAP,
        )
    elif ends is not None and ends < begins - 1:
        yield Problem(
            f"No tier gives a price for {ends + 1:,} units: leave no gap between tiers.",
            name,
            rule=R.TIERS_LEAVE_NO_GAP,
        )
    elif following.unit_price_pence > tier.unit_price_pence:
        yield Problem(
            f"From {begins:,} units on a unit would cost more than before.",
            name.replace("from_quantity", "unit_price_pence"),
            rule=R.PRICE_DOES_NOT_RISE,
        )


def _term(terms: Terms, today: date) -> Iterator[Problem]:
    if intervals_in(terms.term_months, terms.interval) is None:
        yield Problem(
            "State the price once, or by month, quarter, six months or year, so that the term is a "
            "whole number of them.",
            "interval",
            rule=R.TERM_IS_WHOLE_INTERVALS,
        )
    if (terms.price_basis is PriceBasis.INDEXED_CAPPED) != (terms.index_cap_pct is not None):
        yield Problem(
            "Give a cap with a price that follows an index up to a cap, and with no other.",
            "index_cap_pct",
            rule=R.CAP_GOES_WITH_CAPPED_INDEX,
        )
    if terms.valid_until < today:
        yield Problem(
            f"It must be valid today, {in_words(today)}, or longer.",
            "valid_until",
            rule=R.VALID_FROM_TODAY,
        )
