"""What may not fit: stated facts that differ, and silence where it matters."""

from typing import Any

import pytest

from innohub.market.assurance.models import Classification
from innohub.market.forces.fit import Fit, Matter, Offer, Sheet, fit_of
from innohub.market.forces.models import Network, Vetting

M = Matter
DOUBTS: list[tuple[Matter, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (M.HOSTING, {"hosting": ["force_cloud"]}, {"hosting": ["supplier_cloud_uk"]},
     {"hosting": ["force_cloud", "supplier_cloud_uk"]}),
    (M.NETWORK, {"networks": [Network.PSN]}, {"hosting": ["supplier_cloud_uk"]},
     {"hosting": ["force_data_centre", "supplier_cloud_uk"]}),
    (M.SYSTEMS, {"systems": ["Ledgerline RMS"]}, {"integrations": ["Daybook Crime"]},
     {"integrations": ["Daybook Crime", "ledgerline rms"]}),
    (M.CLASSIFICATION, {"classification": Classification.OFFICIAL}, {"data_kinds": ["biometric"]},
     {"data_kinds": ["personal_data"]}),
    (M.CONSULTATION, {"consultation_days": 56}, {"category": "body_worn_video"},
     {"category": "software_saas"}),
    (M.ETHICS, {"ethics_committee": True}, {"ai_role": "recommends"},
     {"ai_role": "recommends", "verified": ["ethics_committee_opinion"]}),
]  # fmt: skip
"""The matter, what the force states, an offer that may not fit it, and one that does."""


def offer(**given: Any) -> Offer:
    return Offer(**{"category": "software_saas", **given})


@pytest.mark.parametrize(("matter", "sheet", "unfit", "fit"), DOUBTS, ids=lambda one: str(one)[:20])
def test_facts_that_differ_are_a_doubt(
    matter: Matter, sheet: dict[str, Any], unfit: dict[str, Any], fit: dict[str, Any]
) -> None:
    assert fit_of(Sheet(**sheet), offer(**unfit)).doubts == (matter,)
    assert matter not in fit_of(Sheet(**sheet), offer(**fit)).doubts
    assert fit_of(Sheet(), offer(**unfit)) == Fit((), ()), "a force that states nothing"


def test_where_the_listing_is_silent_on_what_the_force_asks_it_is_a_question() -> None:
    sheet = Sheet(
        hosting=["force_cloud"],
        systems=["Ledgerline RMS"],
        classification=Classification.OFFICIAL,
        vetting=Vetting.NPPV3,
    )
    assert fit_of(sheet, offer()) == Fit((), (M.HOSTING, M.SYSTEMS, M.CLASSIFICATION, M.VETTING))


def test_no_vetting_is_no_question() -> None:
    assert fit_of(Sheet(vetting=Vetting.NONE), offer()).questions == ()


@pytest.mark.parametrize(
    ("system", "integration", "same"),
    [
        ("Daybook Crime 9", "Daybook Crime", True),
        ("Daybook Crime", "DAYBOOK CRIME 9", True),
        ("Daybook Crime 9", "Daybook Crime 8", False),
        ("Ledger", "Ledgerline", False),
    ],
)
def test_a_system_is_known_by_its_name_with_its_version_or_without(
    system: str, integration: str, same: bool
) -> None:
    found = fit_of(Sheet(systems=[system]), offer(integrations=[integration]))
    assert (found.doubts == ()) is same


def test_an_ai_model_is_known_by_its_category_too() -> None:
    found = fit_of(Sheet(ethics_committee=True), offer(category="ai_model"))
    assert found.doubts == (M.ETHICS,)
