"""The demonstration market as one value, with the reference data it speaks in."""

from pydantic import BaseModel, ConfigDict

from innohub.identity.models import Role
from innohub.seed.challenges import StoryChallenge
from innohub.seed.earlier import StoryEarlier
from innohub.seed.kpis import StoryKpi
from innohub.seed.papers import StoryPaper
from innohub.seed.pools import StoryPool
from innohub.seed.quotes import StandingQuote
from innohub.seed.records import (
    StoryAnswer,
    StoryOrganisation,
    StoryPerson,
    StorySupplier,
    StoryTechnology,
    Tenant,
)
from innohub.seed.reference import Force, ReferenceList
from innohub.seed.rounds import StoryRound
from innohub.seed.savings import StoryLedger
from innohub.seed.searches import StorySearch
from innohub.seed.together import StoryTogether
from innohub.seed.trials import StoryEmmie, StoryPilot, StoryProtocol, StoryRating


class Story(BaseModel):
    """Everything the market tells. Parsed row by row; `checks.problems_of` judges the whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    forces: tuple[Force, ...]
    references: tuple[ReferenceList, ...]
    organisations: tuple[StoryOrganisation, ...]
    suppliers: tuple[StorySupplier, ...]
    people: tuple[StoryPerson, ...]
    technologies: tuple[StoryTechnology, ...]
    pilots: tuple[StoryPilot, ...]
    protocols: tuple[StoryProtocol, ...]
    emmie: tuple[StoryEmmie, ...]
    answers: tuple[StoryAnswer, ...]
    ratings: tuple[StoryRating, ...]
    rounds: tuple[StoryRound, ...]
    together: tuple[StoryTogether, ...]
    papers: tuple[StoryPaper, ...]
    searches: tuple[StorySearch, ...]
    kpis: tuple[StoryKpi, ...]
    earlier: tuple[StoryEarlier, ...]
    challenges: tuple[StoryChallenge, ...]
    pools: tuple[StoryPool, ...]
    quotes: tuple[StandingQuote, ...]
    savings: tuple[StoryLedger, ...]

    @property
    def tenants(self) -> tuple[Tenant, ...]:
        """Organisations and suppliers together."""
        return (*self.organisations, *self.suppliers)

    def name_of(self, slug: str) -> str:
        """The tenant's name without the mark of the demonstration."""
        names = {tenant.slug: tenant.name for tenant in self.tenants}
        return names[slug].removesuffix(" (demonstration)")

    @property
    def reference(self) -> dict[str, ReferenceList]:
        return {found.list: found for found in self.references}

    @property
    def technology(self) -> dict[str, StoryTechnology]:
        return {technology.slug: technology for technology in self.technologies}

    @property
    def pilot(self) -> dict[str, StoryPilot]:
        return {pilot.slug: pilot for pilot in self.pilots}

    @property
    def protocol(self) -> dict[str, StoryProtocol]:
        """By the pilot's slug."""
        return {protocol.pilot: protocol for protocol in self.protocols}

    def told_of(self, pilot: str) -> list[StoryEmmie]:
        """What the sites of the pilot with this slug tell."""
        return [row for row in self.emmie if row.pilot == pilot]

    @property
    def person(self) -> dict[str, StoryPerson]:
        return {person.email: person for person in self.people}

    def holders(self, organisation: str, role: Role) -> list[StoryPerson]:
        """People who hold `role` in `organisation`, in the order of their file."""
        return [
            person
            for person in self.people
            if any(m.organisation == organisation and m.role is role for m in person.memberships)
        ]
