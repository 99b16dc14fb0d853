"""What must hold across the files of the demonstration market.

Each check returns its problems as sentences that name the row, so that one reading of the list is
enough to put the files right.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from innohub.identity.directory import KIND_OF
from innohub.identity.models import OrganisationKind, Role
from innohub.market.assurance.models import AssuranceStatus
from innohub.market.catalogue.models import PUBLIC, ListingState
from innohub.market.catalogue.slugs import slug_of
from innohub.seed.board_checks import check_rounds
from innohub.seed.market import Story
from innohub.seed.pilot_checks import check_pilots, check_ratings

FORCE_ROLES_NEEDED = {
    Role.FORCE_INNOVATION_LEAD: 1,
    Role.FORCE_ANALYST: 2,
    Role.FORCE_SENIOR_RESPONSIBLE_OWNER: 1,
    Role.FORCE_ASSURANCE_REVIEWER: 1,
}
NEEDS_REASON = {ListingState.CHANGES_REQUESTED, ListingState.SUSPENDED, ListingState.WITHDRAWN}


def problems_of(story: Story) -> list[str]:
    """Every problem of the story, in the order of its files; an empty list when it is sound."""
    found: list[str] = []
    for check in (
        check_names, check_people, check_staffing, check_technologies, check_standing,
        check_assurance, check_answers, check_searches, check_kpis, check_earlier, check_categories,
        check_pilots, check_ratings, check_rounds, check_challenges,
    ):  # fmt: skip
        found += check(story)
    return found


def check_searches(story: Story) -> Iterator[str]:
    """What a locked search chose is published by then, and its force has somebody to lock it."""
    for row in story.searches:
        if not story.holders(row.force, Role.FORCE_INNOVATION_LEAD):
            yield f"search {row.name}: {row.force} has no innovation lead"
        for slug in row.chosen:
            listed = story.technology.get(slug)
            published = listed.published_day if listed else None
            if published is None or published >= row.day:
                yield f"search {row.name}: {slug} is not published by then"


def check_kpis(story: Story) -> Iterator[str]:
    """Each is proposed once, by a force that has an analyst, and is not in the dictionary."""
    yield from _twice("KPI", (row.name for row in story.kpis))
    shared = {entry.label for entry in story.reference["kpi"].by_id.values()}
    for row in story.kpis:
        if not story.holders(row.force, Role.FORCE_ANALYST):
            yield f"KPI {row.name}: {row.force} has no analyst"
        if row.name in shared:
            yield f"KPI {row.name}: the dictionary has it"


def check_earlier(story: Story) -> Iterator[str]:
    """Each is told once, by a force that has an analyst, in a KPI that there is, and of a listing
    that is published by then."""
    yield from _twice("earlier pilot", (f"{row.force} {row.reference}" for row in story.earlier))
    for row in story.earlier:
        if not story.holders(row.force, Role.FORCE_ANALYST):
            yield f"earlier pilot {row.reference}: {row.force} has no analyst"
        if row.kpi not in story.reference["kpi"].by_id:
            yield f"earlier pilot {row.reference}: {row.kpi} is in no list"
        listed = story.technology.get(row.technology or "")
        published = listed.published_day if listed else None
        if row.technology and (published is None or published >= row.day):
            yield f"earlier pilot {row.reference}: {row.technology} is not published by then"


def check_challenges(story: Story) -> Iterator[str]:
    """Each is told once, in a KPI and a category that there are; pilots and mergers name one."""
    yield from _twice("challenge", (row.slug for row in story.challenges))
    known = {row.slug for row in story.challenges}
    for row in story.challenges:
        for name, value in (("kpi", row.kpi), ("category", row.category)):
            if value not in story.reference[name].by_id:
                yield f"challenge {row.slug}: {value} is in no list"
        if row.merge_into is not None and row.merge_into not in known:
            yield f"challenge {row.slug}: there is no {row.merge_into} to merge it into"
    for pilot in story.pilots:
        if pilot.challenge is not None and pilot.challenge not in known:
            yield f"pilot {pilot.slug}: there is no challenge {pilot.challenge}"


def check_names(story: Story) -> Iterator[str]:
    """Slugs and e-mails are unique, and no invented organisation takes a real force's slug."""
    organisations = [row.slug for row in story.tenants]
    yield from _twice("organisation", organisations)
    yield from _twice("person", (person.email for person in story.people))
    yield from _twice("technology", (row.slug for row in story.technologies))
    yield from _twice("technology name", (row.name for row in story.technologies))
    yield from _twice("pilot", (pilot.slug for pilot in story.pilots))
    yield from _twice("round", (round_.slug for round_ in story.rounds))
    for slug in sorted({force.slug for force in story.forces} & set(organisations)):
        yield f"organisation {slug}: the slug belongs to a real force"
    for row in story.tenants:
        if not row.name.endswith("(demonstration)"):
            yield f"organisation {row.slug}: its name must end with (demonstration)"


def check_people(story: Story) -> Iterator[str]:
    """Seats exist and suit their organisation, and a board member's employer is a force."""
    kinds = {row.slug: row.kind for row in story.organisations}
    kinds |= {row.slug: OrganisationKind.SUPPLIER for row in story.suppliers}
    for person in story.people:
        for seat in person.memberships:
            if seat.organisation not in kinds:
                yield f"person {person.email}: unknown organisation {seat.organisation}"
            elif KIND_OF[seat.role] is not kinds[seat.organisation]:
                yield f"person {person.email}: {seat.role} does not suit {seat.organisation}"
        if person.employer is not None and kinds.get(person.employer) != OrganisationKind.FORCE:
            yield f"person {person.email}: unknown employer {person.employer}"


def check_staffing(story: Story) -> Iterator[str]:
    """Each supplier and each force has the people its listings and pilots need."""
    for supplier in story.suppliers:
        if not story.holders(supplier.slug, Role.SUPPLIER_ADMIN):
            yield f"supplier {supplier.slug}: has no supplier_admin"
    forces = [row for row in story.organisations if row.kind is OrganisationKind.FORCE]
    for force in forces:
        for role, needed in FORCE_ROLES_NEEDED.items():
            if len(story.holders(force.slug, role)) < needed:
                yield f"force {force.slug}: needs {needed} {role}"


def check_technologies(story: Story) -> Iterator[str]:
    """Suppliers, categories and capabilities are known, and slugs are those the hub makes."""
    suppliers = {supplier.slug for supplier in story.suppliers}
    categories = story.reference["category"].by_id
    capabilities = story.reference["capability"].by_id
    for row in story.technologies:
        if row.slug != slug_of(row.name):
            yield f"technology {row.slug}: the hub makes {slug_of(row.name)} of its name"
        if row.supplier not in suppliers:
            yield f"technology {row.slug}: unknown supplier {row.supplier}"
        if row.category not in categories:
            yield f"technology {row.slug}: unknown category {row.category}"
        for capability in row.capabilities:
            if capability not in capabilities:
                yield f"technology {row.slug}: unknown capability {capability}"


def check_standing(story: Story) -> Iterator[str]:
    """Listings have the days and reasons that their states need."""
    for row in story.technologies:
        if row.status in NEEDS_REASON and row.status_reason is None:
            yield f"technology {row.slug}: is {row.status} without a status_reason"
        if (row.published_day is not None) != (row.status in PUBLIC):
            yield f"technology {row.slug}: published_day does not suit the state {row.status}"
        if (row.status_day is None) != (row.status is ListingState.PUBLISHED):
            yield f"technology {row.slug}: status_day does not suit the state {row.status}"
        if row.published_day is not None and row.published_day >= 0:
            yield f"technology {row.slug}: published_day is not in the past"
        if row.status_day is not None and row.status_day >= 0:
            yield f"technology {row.slug}: status_day is not in the past"


def check_assurance(story: Story) -> Iterator[str]:
    """Items are of a known type, end after they begin, and are called expired when they are."""
    types = story.reference["assurance_type"].by_id
    for row in story.technologies:
        for item in row.assurance:
            name = f"technology {row.slug}: assurance {item.reference}"
            if item.type not in types:
                yield f"{name}: unknown type {item.type}"
                continue
            if types[item.type].detail["expires"] != (item.expires_day is not None):
                yield f"{name}: its expiry does not suit a {item.type}"
            if item.expires_day is not None and item.expires_day <= item.issued_day:
                yield f"{name}: expires before it is issued"
            over = item.expires_day is not None and item.expires_day < 0
            if row.status not in PUBLIC and item.status is not AssuranceStatus.DECLARED:
                yield f"{name}: the officer judges items of public listings, and this is none"
            if over != (item.status is AssuranceStatus.EXPIRED):
                yield f"{name}: its status {item.status} does not suit its expiry"
        if row.status is ListingState.PUBLISHED and not row.assurance:
            yield f"technology {row.slug}: is published without assurance"


def check_answers(story: Story) -> Iterator[str]:
    """Forces answer items that are there, and are verified by then."""
    forces = {row.slug for row in story.organisations if row.kind is OrganisationKind.FORCE}
    for answer in story.answers:
        name = f"answer of {answer.force} to {answer.reference}"
        technology = story.technology.get(answer.technology)
        items = technology.assurance if technology else ()
        found = [item for item in items if item.reference == answer.reference]
        if len(found) != 1 or found[0].status is not AssuranceStatus.VERIFIED:
            yield f"{name}: {answer.technology} has no such verified item"
        elif found[0].issued_day >= answer.day:
            yield f"{name}: comes before the item was issued"
        if answer.force not in forces:
            yield f"{name}: unknown force"


def check_categories(story: Story) -> Iterator[str]:
    """Every category of the market has a published technology."""
    covered = {row.category for row in story.technologies if row.status is ListingState.PUBLISHED}
    for entry in story.reference["category"].entries:
        if entry.id not in covered:
            yield f"category {entry.id}: has no published technology"


def _twice(what: str, names: Iterable[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{what} {name}: is there {count} times"
