"""Where a technology may not fit a force: what the force says of itself beside what is listed.

Pure comparison of two sets of stated facts. It warns and never forbids: a listing may be behind the
product, and a sheet behind the force. What one side does not state is no difference; where the
force states it and the listing is silent, that is a question for the supplier.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from innohub.market.assurance.models import Classification
from innohub.market.forces.models import Network, Vetting

CLOUDS = frozenset({"supplier_cloud_uk", "supplier_cloud_abroad"})
"""Entries of the reference list `hosting` that are reached over the internet."""
MARKED = frozenset({"special_category", "biometric", "criminal_offence", "childrens_data"})
"""Entries of the reference list `data_kind` that forces as a rule mark OFFICIAL-SENSITIVE."""
CARRIED = frozenset(
    {"body_worn_video", "wearable", "mobile_app", "comms_device", "ppe", "less_lethal", "vehicle"}
)
"""Categories of what officers wear, carry or drive."""
NO_AI = frozenset({None, "none"})
ETHICS_OPINION = "ethics_committee_opinion"


class Matter(StrEnum):
    HOSTING = "Where it runs"
    NETWORK = "Network"
    SYSTEMS = "Your systems"
    CLASSIFICATION = "Classification"
    VETTING = "Vetting"
    CONSULTATION = "Staff associations"
    ETHICS = "Ethics committee"


@dataclass(frozen=True)
class Sheet:
    """What a force states; empty or None where it does not."""

    hosting: Collection[str] = ()
    networks: Collection[Network] = ()
    systems: Sequence[str] = ()
    """Records, command and control, digital evidence, as their makers call them."""
    classification: Classification | None = None
    vetting: Vetting | None = None
    consultation_days: int | None = None
    ethics_committee: bool | None = None


@dataclass(frozen=True)
class Offer:
    """What a listing states."""

    category: str
    hosting: Collection[str] = ()
    integrations: Sequence[str] = ()
    data_kinds: Collection[str] = ()
    ai_role: str | None = None
    verified: Collection[str] = ()
    """Types of assurance that the company verified."""


@dataclass(frozen=True)
class Fit:
    """`doubts`: the stated facts differ. `questions`: the listing is silent on what matters."""

    doubts: tuple[Matter, ...]
    questions: tuple[Matter, ...]


def fit_of(sheet: Sheet, offer: Offer) -> Fit:
    """What to look at before a pilot, in the order of `Matter`."""
    doubts, questions = set(_doubts(sheet, offer)), set(_questions(sheet, offer))
    return Fit(
        tuple(matter for matter in Matter if matter in doubts),
        tuple(matter for matter in Matter if matter in questions),
    )


def _doubts(sheet: Sheet, offer: Offer) -> Iterator[Matter]:
    if sheet.hosting and offer.hosting and not set(sheet.hosting) & set(offer.hosting):
        yield Matter.HOSTING
    reached = bool(offer.hosting) and set(offer.hosting) <= CLOUDS
    if reached and sheet.networks and Network.INTERNET not in sheet.networks:
        yield Matter.NETWORK
    if sheet.systems and offer.integrations and not _any_in(sheet.systems, offer.integrations):
        yield Matter.SYSTEMS
    if sheet.classification is Classification.OFFICIAL and MARKED & set(offer.data_kinds):
        yield Matter.CLASSIFICATION
    if sheet.consultation_days and offer.category in CARRIED:
        yield Matter.CONSULTATION
    uses_ai = offer.ai_role not in NO_AI or offer.category == "ai_model"
    if sheet.ethics_committee and uses_ai and ETHICS_OPINION not in offer.verified:
        yield Matter.ETHICS


def _questions(sheet: Sheet, offer: Offer) -> Iterator[Matter]:
    if sheet.hosting and not offer.hosting:
        yield Matter.HOSTING
    if sheet.systems and not offer.integrations:
        yield Matter.SYSTEMS
    if sheet.classification is Classification.OFFICIAL and not offer.data_kinds:
        yield Matter.CLASSIFICATION
    # No listing states how its people are vetted.
    if sheet.vetting not in (None, Vetting.NONE):
        yield Matter.VETTING


def _any_in(systems: Sequence[str], integrations: Sequence[str]) -> bool:
    """Whether one of the systems is named among the integrations, be it with its version or
    without."""
    return any(_same(system, other) for system in systems for other in integrations)


def _same(one: str, other: str) -> bool:
    first, second = (set(name.casefold().replace(",", " ").split()) for name in (one, other))
    return first <= second or second <= first
