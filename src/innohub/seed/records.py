"""The rows of the demonstration market: organisations, people and technologies.

Every `…_day` is a number of days from the day the market is seeded: negative is past.
"""

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from innohub.identity.models import OrganisationKind, Role
from innohub.seed.reference import Nation, Record, Region, Slug

Email = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+@[a-z0-9.-]+\.example$")]
Url = Annotated[str, StringConstraints(pattern=r"^https://[a-z0-9.-]+\.example$")]
Sentence = Annotated[str, StringConstraints(min_length=20, max_length=220)]
Prose = Annotated[str, StringConstraints(min_length=4)]

ListingState = Literal[
    "draft", "in_review", "changes_requested", "published", "suspended", "withdrawn", "archived"
]
PriceUnit = Literal[
    "unit", "person", "licence", "user", "device", "instance", "server", "virtual_machine",
    "transaction", "megabyte", "gigabyte", "terabyte", "officer", "vehicle", "site", "case",
    "force", "population_1000",
]  # fmt: skip
PriceInterval = Literal[
    "one_off", "second", "minute", "hour", "day", "week", "month", "quarter", "six_months", "year"
]


def on_day(today: date, day: int) -> date:
    """The calendar day that is `day` days from `today`."""
    return today + timedelta(days=day)


class Tenant(Record):
    """An invented organisation."""

    slug: Slug
    name: str
    summary: Prose
    website: Url
    nation: Nation
    region: Region
    demonstration: Literal[True]


class StoryOrganisation(Tenant):
    """An invented force, the company, the board or an independent body."""

    kind: OrganisationKind


class StorySupplier(Tenant):
    size: Literal["micro", "small", "medium", "large"]


class StoryMembership(Record):
    organisation: Slug
    role: Role


class StoryPerson(Record):
    """A demonstration account. `shown` ones are printed when the hub starts."""

    name: str
    email: Email
    memberships: tuple[StoryMembership, ...] = Field(min_length=1)
    employer: Slug | None = None
    shown: bool = False


class Sections(Record):
    """The text of a listing; a blank line parts two paragraphs."""

    what_it_does: Prose
    how_it_works: Prose
    data_use: Prose
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


class AssuranceItem(Record):
    """An item of the passport as the supplier holds it. Issuers and references are invented."""

    type: str
    issuer: str
    reference: str
    issued_day: int = Field(le=0)
    expires_day: int | None = None
    status: Literal[
        "declared", "evidence_uploaded", "verified", "expired", "rejected", "superseded"
    ] = "verified"


class StoryTechnology(Record):
    slug: Slug
    name: str
    supplier: Slug
    category: str
    summary: Sentence
    trl: int = Field(ge=1, le=9)
    trl_evidence: Prose
    capabilities: tuple[str, ...] = Field(min_length=1)
    status: ListingState
    status_reason: Prose | None = None
    published_day: int | None = None
    demonstration: Literal[True]
    sections: Sections
    price: Price
    assurance: tuple[AssuranceItem, ...]
