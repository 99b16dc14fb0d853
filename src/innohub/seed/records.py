"""The rows of the demonstration market: organisations, people and technologies.

Every `…_day` is a number of days from the day the market is seeded: negative is past.
"""

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from innohub.command import Line, Prose, Reason
from innohub.identity.models import OrganisationKind, ReviewerType, Role
from innohub.market.assurance.models import AssuranceStatus, Classification, PassportResponse
from innohub.market.catalogue.models import ListingState, Section
from innohub.market.catalogue.prices import PriceInterval, PriceUnit
from innohub.market.forces.models import ForceSize, Network, Vetting
from innohub.seed.reference import Nation, Record, Region, Slug

Email = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+@[a-z0-9.-]+\.example$")]
Url = Annotated[str, StringConstraints(pattern=r"^https://[a-z0-9.-]+\.example$")]
Sentence = Annotated[str, StringConstraints(min_length=20, max_length=220)]


def on_day(today: date, day: int) -> date:
    """The calendar day that is `day` days from `today`."""
    return today + timedelta(days=day)


class Tenant(Record):
    """An invented organisation."""

    slug: Slug
    name: Line
    summary: Prose
    website: Url
    nation: Nation
    region: Region
    demonstration: Literal[True]


class StoryContext(Record):
    """What an invented force says of itself, as its innovation lead writes it."""

    peer_group: str
    size: ForceSize
    rms_platform: Line
    command_and_control: Line | None = None
    digital_evidence_system: Line | None = None
    networks: tuple[Network, ...]
    device_fleet: Prose | None = None
    hosting_policy: tuple[str, ...]
    max_classification: Classification
    vetting_required: Vetting
    union_consultation_days: int
    ethics_committee: bool


class StoryOrganisation(Tenant):
    """An invented force, the company, the board or an independent body."""

    kind: OrganisationKind
    context: StoryContext | None = None

    @model_validator(mode="after")
    def _only_a_force_has_context(self) -> "StoryOrganisation":
        if self.context is not None and self.kind is not OrganisationKind.FORCE:
            raise ValueError("only a force has a context sheet")
        return self


class StorySupplier(Tenant):
    size: Literal["micro", "small", "medium", "large"]


class StoryMembership(Record):
    organisation: Slug
    role: Role
    reviews: tuple[ReviewerType, ...] = ()
    """What an assurance reviewer signs for."""


class StoryPerson(Record):
    """A demonstration account. `shown` ones are printed when the hub starts."""

    name: Line
    email: Email
    memberships: tuple[StoryMembership, ...] = Field(min_length=1)
    employer: Slug | None = None
    shown: bool = False


class Sections(Record):
    """The text of a listing; a blank line parts two paragraphs."""

    what_it_does: Prose
    how_it_works: Prose
    data_use: Prose
    ai_use: Prose | None = None
    security: Prose | None = None
    deployment_and_integration: Prose
    price_and_terms: Prose
    support: Prose


class Price(Record):
    """The published price band, in pence for each unit and interval, without VAT."""

    from_pence: int = Field(gt=0)
    to_pence: int = Field(gt=0)
    unit: PriceUnit
    interval: PriceInterval

    @model_validator(mode="after")
    def _band_rises(self) -> "Price":
        if self.to_pence < self.from_pence:
            raise ValueError("to_pence is below from_pence")
        return self


class StoryItem(Record):
    """An assurance item as the supplier holds it. Issuers and references are invented."""

    type: str
    issuer: Line
    reference: Line
    issued_day: int = Field(le=0)
    expires_day: int | None = None
    scope: Line | None = None
    status: AssuranceStatus = AssuranceStatus.VERIFIED


class StoryAddition(Record):
    part: str
    body: Prose


class StoryAnswer(Record):
    """What a force makes of a verified item of a technology."""

    technology: Slug
    reference: Line
    force: Slug
    day: int = Field(lt=0)
    response: PassportResponse
    reason: Reason
    additions: tuple[StoryAddition, ...] = ()


class StoryEdit(Record):
    """What the supplier changed in a published listing, and submitted, on a day. A material change
    waits for its review unless `reviewed_day` names that of its approval."""

    day: int = Field(lt=0)
    reviewed_day: int | None = Field(None, lt=0)
    price: Price | None = None
    sections: dict[Section, Prose] = {}


class StoryTechnology(Record):
    slug: Slug
    name: Line
    supplier: Slug
    category: str
    summary: Sentence
    trl: int = Field(ge=1, le=9)
    trl_evidence: Line
    capabilities: tuple[str, ...] = Field(min_length=1)
    research_lines: tuple[str, ...] = ()
    integrations: tuple[Line, ...] = ()
    hosting: tuple[str, ...] = ()
    data_kinds: tuple[str, ...] = ()
    ai_role: str | None = None
    status: ListingState
    status_reason: Reason | None = None
    part_reasons: dict[str, Reason] = {}
    """Where changes were requested: what is to be changed in single parts."""
    status_day: int | None = None
    """When it came into a state other than `published`."""
    published_day: int | None = None
    demonstration: Literal[True]
    sections: Sections
    price: Price
    edits: tuple[StoryEdit, ...] = ()
    assurance: tuple[StoryItem, ...]
