"""Whose eyes look at the market: every role in two organisations, every scope, and some who hold
several seats. What each may read is written here by hand, for the oracle alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from innohub.identity.actor import STRANGER, Actor, ActorKind
from innohub.identity.models import Membership, Organisation, OrganisationKind, Person, Role
from innohub.identity.permissions import Scope
from innohub.market.decisions.models import DecisionKind
from tests.factories import actor_of, client_of
from tests.graphql.market import Market
from tests.graphql.matrix.everybody import ROLES, SCOPES

SUPPLIERS = frozenset(ROLES["supplier"])
FORCES = frozenset(ROLES["force"])
BOARD = frozenset(ROLES["board"])
SCORING_ROUNDS = frozenset({"board_chair", "board_member"})
PLANNING_ROUNDS = frozenset({"board_chair", "board_secretary"})
OWN_LISTINGS = SUPPLIERS | {"listings.read", "listings.write", "assurance.write"}
OWN_PILOTS = SUPPLIERS | FORCES | {"pilots.read_own", "pilots.respond"}
"""The two parties: the force that pilots, and the supplier whose technology it is."""
OWN_CHALLENGES = FORCES | SUPPLIERS | {"challenges.respond"}
"""What a force drafts or sponsors, and what a supplier responds."""
ASKING = frozenset({"supplier_admin", "supplier_editor", "challenges.respond"})
LEADERSHIP = frozenset({"force_chief_officer", "force_senior_responsible_owner"})
DECIDING = dict.fromkeys(DecisionKind, LEADERSHIP) | {
    # The vocabulary has a pilot go on by its senior responsible owner's word.
    DecisionKind.RESUME_PILOT: frozenset({"force_senior_responsible_owner"}),
    # The finance lead signs: the chief officer, by docs/decisions/0036-open-data-and-savings.md.
    DecisionKind.SIGN_SAVING: frozenset({"force_chief_officer"}),
    # What is bought is the force's money: its chief officer's.
    DecisionKind.APPROVE_POOL_BUDGET: frozenset({"force_chief_officer"}),
}
"""Who decides what waits: the vocabulary's owner, and the chief officer of its digest."""
OWN_TRIALS = FORCES
"""The force's people read its data and results before others; its machines do not: their scope is
called results.read_own_published."""
TRIAL_DATA = OWN_TRIALS | {"results.write"}
"""Who reads the data themselves: the force's people, and the machine that hands them in."""
HANDING_IN = frozenset({"force_analyst", "results.write"})
"""Who hands trial data in, and sees those that are on their way."""
COMMENTING = SUPPLIERS | {"pilots.respond"}
"""Who reads a confirmed result to comment on its facts."""
OWN_CLIENTS = frozenset({"supplier_admin", "force_innovation_lead"})
"""Who registers the programs of their organisation."""
OWN_CONNECTIONS = SUPPLIERS | {"events.subscribe"}
REGISTER = FORCES | BOARD | {
    "catalogue_reviewer", "assurance_officer", "programme_officer", "evaluation_adviser",
    "auditor_readonly",
}  # fmt: skip
"""Who reads of every pilot from its request on, so that nobody pilots apart."""
AUDITORS = frozenset({"platform_admin", "auditor_readonly"})
"""Who reads the audit trail, and with it what reviewers declared."""
WORKING = (FORCES - {"force_viewer"}) | {"supplier_admin", "supplier_editor"}
"""Who works on pilots, and so with whom tasks are shared out."""
FILING = WORKING | {
    "assurance_officer", "programme_officer", "evaluation_adviser", "pilots.respond",
}  # fmt: skip
"""Who adds documents to pilots: those who work on them, those who watch over them, and a supplier's
system that answers for it."""
LISTING_EDITORS = frozenset({"supplier_admin", "supplier_editor", "listings.write"})
ASSURANCE_WRITERS = frozenset({"supplier_admin", "supplier_editor", "assurance.write"})
REVIEWERS = frozenset({"catalogue_reviewer"})
JUDGES = REVIEWERS | {"assurance_officer"}
"""Who reads a listing from its submission on: both judge part of it."""
KEEPERS_OF_WORDS = REVIEWERS | {"platform_admin"}
AUDITORS = frozenset({"platform_admin", "auditor_readonly"})
ADVISERS = frozenset({"evaluation_adviser"})
REVIEWING = frozenset({"evaluation_adviser", "ethics_adviser"})
"""Who decides reviews of the board's decisions."""
OVERSEERS = ADVISERS | {"assurance_officer", "programme_officer", "auditor_readonly"}


OWN_QUOTES = SUPPLIERS | {"quotes.write"}
BUYERS = FORCES | BOARD | {"commercial_manager", "programme_officer", "auditor_readonly"}
"""Forces buy; the company and the board compare, for them."""
LEDGER = FORCES | {"board_chair", "commercial_manager", "programme_officer", "auditor_readonly"}
"""Who reads what every force saved."""
OF_THE_BOARD = BOARD | {"programme_officer", "auditor_readonly"}
"""Who reads with the board, wherever they sit."""


@dataclass(frozen=True)
class Eyes:
    """Roles and scopes with the organisations they are held in; `person_id` of a person only."""

    name: str
    actor: Actor
    person_id: int | None = None
    held: tuple[tuple[str, int], ...] = ()

    def are(self, names: Iterable[str], organisation_id: int | None = None) -> bool:
        """Whether one of these roles or scopes is held, in the organisation where one is named."""
        return any(name in names and organisation_id in (None, where) for name, where in self.held)

    def are_at(self, names: Iterable[str], organisation_id: int | None) -> bool:
        """As `are`, but nowhere where the row names no organisation."""
        return organisation_id is not None and self.are(names, organisation_id)


def eyes_of(market: Market) -> list[Eyes]:
    """A stranger, every member, every scope of two suppliers and a force, and people with several
    seats."""
    organisations = {o.id: o for o in market.of(Organisation)}
    people = {p.id: p for p in market.of(Person)}
    members = [
        _person(people[m.person_id], (organisations[m.organisation_id], m.role))
        for m in market.of(Membership)
    ]
    return [Eyes("stranger", STRANGER), *members, *_clients(market), *_of_several(market)]


def _person(person: Person, *seats: tuple[Organisation, Role]) -> Eyes:
    held = tuple((role.value, organisation.id) for organisation, role in seats)
    name = " and ".join(f"{role} of {organisation.slug}" for organisation, role in seats)
    return Eyes(name, actor_of(person, *seats), person.id, held)


def _clients(market: Market) -> list[Eyes]:
    suppliers = of_kind(market, OrganisationKind.SUPPLIER)[:2]
    forces = of_kind(market, OrganisationKind.FORCE)[:1]
    return [
        Eyes(
            f"{organisation.slug}'s {scope}",
            client_of(organisation, Scope(scope)),
            None,
            ((scope, organisation.id),),
        )
        for organisation in [*suppliers, *forces]
        for scope in SCOPES
    ]


def _of_several(market: Market) -> list[Eyes]:
    people = market.of(Person)
    supplier, rival = of_kind(market, OrganisationKind.SUPPLIER)[:2]
    force, neighbour = of_kind(market, OrganisationKind.FORCE)[:2]
    board, other_board = of_kind(market, OrganisationKind.BOARD)[:2]
    company = of_kind(market, OrganisationKind.COMPANY)[0]
    return [
        _person(people[0], (supplier, Role.SUPPLIER_VIEWER), (rival, Role.SUPPLIER_EDITOR)),
        _person(people[1], (force, Role.FORCE_ANALYST), (neighbour, Role.FORCE_VIEWER)),
        _person(people[2], (force, Role.FORCE_CHIEF_OFFICER), (board, Role.BOARD_MEMBER)),
        _person(people[3], (board, Role.BOARD_MEMBER), (other_board, Role.BOARD_CHAIR)),
        _person(people[4], (company, Role.CATALOGUE_REVIEWER), (supplier, Role.SUPPLIER_VIEWER)),
        Eyes("the hub's guest", Actor(ActorKind.PERSON, "Guest", 10**12), 10**12),
    ]


def of_kind(market: Market, kind: OrganisationKind) -> list[Organisation]:
    return [o for o in market.of(Organisation) if o.kind == kind]
