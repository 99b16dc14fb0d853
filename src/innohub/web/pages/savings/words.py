"""The ledger's classes, methods and drivers in plain words."""

CLASSES = {
    "CASHABLE": ("Cashable", "Money released: less was paid than before for the same item."),
    "NON_CASHABLE_EFFICIENCY": (
        "Efficiency, not cashable",
        "Time and effort freed. No money comes back.",
    ),
    "COST_AVOIDANCE": ("Cost avoided", "Money that would have been spent and was not."),
    "SOCIAL_VALUE": ("Social value", "Good done to others, at its estimated worth."),
    "RISK_REDUCTION": ("Risk reduced", "Less likely losses, at their estimated worth."),
    "CARBON": ("Carbon", "Emissions avoided, at their estimated worth."),
}
"""In the order in which pages show them."""
DRIVERS = {
    "STANDARDISATION": "Buying the same thing",
    "NEW_COMMERCIAL_ARRANGEMENT": "A new contract or route",
    "NEW_VOLUMES": "Buying more together",
    "DEMAND_MANAGEMENT": "Needing less",
}
METHODS = {
    "PREVIOUS_PRICE": "The price your force paid for the same item",
    "BUDGET": "The budget for it",
    "MARKET_RATE": "The market rate",
    "MEDIAN_COMPLIANT_BID": "The median of the bids that met the specification",
    "STANDALONE_QUOTE": "The supplier’s quote to one force alone",
}
OCCURRENCES = {"ONE_OFF": "Once", "RECURRING": "Again each year of the term"}
