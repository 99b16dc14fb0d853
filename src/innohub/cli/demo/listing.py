"""The listing that the supplier publishes. Invented, like its supplier: a demonstration."""

import secrets
from datetime import date, timedelta
from typing import Any

CATEGORY = "body_worn_video"
TRL = 8
FACTS: dict[str, Any] = {
    "summary": "A body-worn camera that writes the first draft of the statement from its own "
    "recording, for the officer to correct and sign.",
    "category": CATEGORY,
    "trl": TRL,
    "capabilities": ["response", "investigation", "criminal_justice"],
    "priceFromPence": 3900,
    "priceToPence": 5200,
    "priceUnit": "DEVICE",
    "priceInterval": "MONTH",
}
SECTIONS = {
    "WHAT_IT_DOES": "The camera records as any body-worn camera does. After the incident it drafts "
    "the officer's statement from the recording, with a time stamp beside every sentence.",
    "HOW_IT_WORKS": "Speech is transcribed on the docking station, inside the force's network. A "
    "sentence that rests on no recording is left out and marked as a gap for the officer to fill.",
    "DATA_USE": "Recordings and drafts stay in the force's own evidence store. Nothing is used to "
    "train a model; drafts that nobody signed are deleted after 31 days.",
    "DEPLOYMENT_AND_INTEGRATION": "Docks replace those of the previous cameras. Statements go into "
    "the case-file system as documents, through its published interface.",
    "PRICE_AND_TERMS": "A monthly price for each camera with dock, storage of drafts and repair. "
    "Any month can be the last after the first twelve.",
    "SUPPORT": "Telephone support day and night. A drafting fault is a fault of the first class: "
    "answered within the hour, and told to every force that runs the same version.",
}
QUOTE: dict[str, Any] = {
    "unit": "DEVICE",
    "interval": "MONTH",
    "termMonths": 36,
    "minQuantity": 25,
    "unitPricePence": 5200,
    "tiers": [{"fromQuantity": 500, "unitPricePence": 4400}],
    "setupPence": 250000,
    "trainingPence": 90000,
    "dataReturn": "Recordings and statements never leave the force; drafts come back as files.",
}
QUOTED_FOR_DAYS = 180
CONSONANTS, VOWELS = "bdfgklmnprstvw", "aeiou"


def new_name() -> str:
    """A name that no listing has: one in 343,000, of letters only, so that it can be searched."""
    syllables = (secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in range(3))
    return f"Ploverscribe {''.join(syllables).capitalize()}"


def assurance(today: date) -> list[dict[str, Any]]:
    """The items that the supplier declares, as inputs of `declareAssurance`."""
    held, until = today - timedelta(days=60), today + timedelta(days=300)
    told = {"issuedOn": held.isoformat(), "expiresOn": until.isoformat()}
    return [
        {
            "type": "cyber_essentials_plus",
            "issuer": "Demonstration Certification Body",
            "reference": "DCB-CEP-20418",
            **told,
        },
        {
            "type": "pen_test_check_or_crest",
            "issuer": "Demonstration Test House",
            "reference": "DTH-26-0417",
            **told,
        },
        {"type": "dpia", "issuer": "Plovergate Imaging", "reference": "DPIA-PSC-01", **told},
    ]
