"""The rules of a pooled demand room, by name: what breaks one says which."""

from enum import StrEnum


class PoolRule(StrEnum):
    FROM_A_SHORTLIST = "pool_from_a_shortlist"
    TWO_FORCES = "two_forces_with_demand"
    INVITED_ONLY = "invited_suppliers_quote"
    QUOTES_IN_TIME = "quote_by_the_last_day"
    PRICE_FIXED_FOR_TERM = "price_fixed_for_the_term"
    QUOTES_COMPARE = "quotes_compare"
    A_QUOTE_STANDS = "a_quote_stands_through_the_window"
    COMMIT_WITHIN_WINDOW = "commit_within_the_window"
    FIRM_ONLY_WITH_PRICES = "firm_quantities_only_at_quoted_prices"
    AGREED_STANDS = "what_was_agreed_stands"
    AWARD_AT_A_QUOTED_TIER = "binding_quantity_reaches_the_tier"
    LAWFUL_ROUTE = "lawful_route_recorded"
    EACH_FORCE_AGREES = "each_binding_force_agrees"
    FAILS_BELOW_MINIMUM = "window_closed_below_the_minimum"
    LATE_JOINERS_ALLOWED = "quote_open_to_late_joiners"
    WITHIN_COMMITMENT = "call_off_within_the_commitment"
    WITHIN_TERM = "call_off_within_the_term"
