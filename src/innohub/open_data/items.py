"""What is bought, by the Common Procurement Vocabulary; and how, by the standard's method codes."""

from collections.abc import Mapping
from typing import Any

from innohub.open_data.words import Facts, pounds

SOFTWARE, SERVICES = "48000000", "72000000"
CPV: Mapping[str, str] = {
    "software_saas": SOFTWARE,
    "software_on_premise": SOFTWARE,
    "mobile_app": SOFTWARE,
    "ai_model": SOFTWARE,
    "integration_middleware": SOFTWARE,
    "data_service": SERVICES,
    "robotic_process_automation": SERVICES,
    "service_method": "73000000",
    "sensor": "38000000",
    "forensic_equipment": "38000000",
    "body_worn_video": "35125300",
    "wearable": "35200000",
    "ppe": "35200000",
    "less_lethal": "35200000",
    "vehicle": "35200000",
    "drone_uas": "34711200",
    "comms_device": "32000000",
    "training_simulation": "80000000",
}
"""By the hub's category; anything else is police equipment at large."""
ANYTHING = "35000000"
TITLES = {
    SOFTWARE: "Software package and information systems",
    SERVICES: "IT services",
    "73000000": "Research and development services",
    "38000000": "Laboratory, optical and precision equipment",
    "35125300": "Security cameras",
    "35200000": "Police equipment",
    "34711200": "Non-piloted aircraft",
    "32000000": "Radio, television, communication equipment",
    "80000000": "Education and training services",
    ANYTHING: "Security, fire-fighting, police and defence equipment",
}
OF_SERVICES = {SOFTWARE, SERVICES, "73000000", "80000000"}
METHODS = {
    "open_procedure": "open",
    "competitive_flexible_procedure": "selective",
    "framework_further_competition": "selective",
    "dynamic_market": "selective",
    "framework_call_off": "limited",
    "below_threshold": "limited",
    "direct_award": "direct",
}
"""By route; a route that is no procedure has no method."""


def code_of(technology: Facts | None) -> str:
    return CPV.get(technology["category"], ANYTHING) if technology else ANYTHING


def main_category(code: str) -> str:
    return "services" if code in OF_SERVICES else "goods"


def item(code: str, described: str, quantity: int, unit: str, price: int | None) -> dict[str, Any]:
    """One line of what is bought; `price` is of a unit for one interval."""
    told: dict[str, Any] = {"name": unit.replace("_", " ").lower()}
    if price is not None:
        told["value"] = pounds(price)
    return {
        "id": "1",
        "description": described,
        "classification": {"scheme": "CPV", "id": code, "description": TITLES[code]},
        "quantity": quantity,
        "unit": told,
    }
