"""The ledger's rules by name: what breaks one says which. They are the vocabulary's
`savings_rules`."""

from enum import StrEnum


class SavingsRule(StrEnum):
    BASELINE_BEFORE_AWARD = "baseline_declared_before_award"
    BASELINE_DECLARED = "baseline_declared"
    BASELINE_IS_PRICE_PAID = "baseline_is_price_paid_for_same_item"
    PRICE_PAID_RECORDED = "price_paid_recorded"
    PRICE_CLAIMED_ONCE = "price_claimed_once"
    VALUE_OF_ITS_CLASS = "value_fits_class"
    NOT_DEFERRED = "one_off_only_if_not_deferred_spend"
    INFLATION_APPROVED = "inflation_only_if_approved"
    ANOTHER_SIGNS = "signed_by_another_person"
    SUPPLIER_EVIDENCE = "evidence_from_supplier_transactions"
    OWN_CALL_OFF = "own_call_off"
    BEFORE_SIGNATURE = "transactions_before_signature"
