"""Everybody who may ask: each role and each scope, in the organisation in question and in another
of its kind; and a stranger."""

from dataclasses import dataclass

from innohub.db.unit_of_work import Database
from innohub.identity.actor import STRANGER, Actor
from innohub.identity.models import Organisation, OrganisationKind, Role
from innohub.identity.permissions import Scope
from tests.factories import Somebody, an_organisation, client_of, somebody, the_force

ROLES = {
    "supplier": ("supplier_admin", "supplier_editor", "supplier_viewer", "integration_client"),
    "force": (
        "force_innovation_lead", "force_analyst", "force_senior_responsible_owner",
        "force_chief_officer", "force_assurance_reviewer", "force_commercial", "force_viewer",
    ),
    "company": (
        "catalogue_reviewer", "assurance_officer", "commercial_manager", "programme_officer",
        "platform_admin",
    ),
    "board": ("board_chair", "board_member", "board_secretary", "technical_adviser_nonvoting"),
    "independent": ("evaluation_adviser", "ethics_adviser", "auditor_readonly"),
}  # fmt: skip
"""The vocabulary's roles by the kind of organisation in which they are held."""
SCOPES = (
    "assurance.write", "challenges.respond", "events.subscribe", "listings.read", "listings.write",
    "pilots.read_own", "pilots.respond", "quotes.write", "results.read_own_published",
    "results.write",
)  # fmt: skip
FURTHER = {"second_analyst": "force_analyst", "unseated_member": "board_member"}
"""People whom a rule tells from the first of their role."""
STRANGERS = "stranger"


@dataclass(frozen=True)
class Everybody:
    """Organisations by side ("own", "other") and kind, and actors by name: "own force_analyst",
    "other supplier's listings.write"."""

    organisations: dict[tuple[str, str], Organisation]
    people: dict[str, Somebody]
    actors: dict[str, Actor]

    def organisation(self, kind: str, side: str = "own") -> Organisation:
        return self.organisations[side, kind]


async def everybody(database: Database) -> Everybody:
    """Store all organisations and people."""
    organisations = {
        ("own", "force"): await the_force(database, "kent"),
        ("other", "force"): await the_force(database, "essex"),
    }
    people: dict[str, Somebody] = {}
    actors = {STRANGERS: STRANGER}
    kind_of = {role: kind for kind, roles in ROLES.items() for role in roles}
    for side in ("own", "other"):
        for kind in ROLES.keys() - {"force"}:
            made = await an_organisation(database, OrganisationKind(kind), f"{side} {kind}")
            organisations[side, kind] = made
        for part, role in [*((role, role) for role in kind_of), *FURTHER.items()]:
            organisation = organisations[side, kind_of[role]]
            name = f"{side} {part}"
            people[name] = await somebody(database, organisation, Role(role), name)
            actors[name] = people[name].actor
        for kind in ("supplier", "force"):
            for scope in SCOPES:
                client = client_of(organisations[side, kind], Scope(scope))
                actors[f"{side} {kind}'s {scope}"] = client
    return Everybody(organisations, people, actors)
