"""What the pages of working together share: who is inside, and for which party the reader works."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from innohub.errors import Denied
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.pilots.together.models import PilotSide
from innohub.web.pages.pilot.standing import Standing, number_of

Row = Mapping[str, Any]
PARTS = (
    ("tasks", "Tasks"),
    ("messages", "Messages"),
    ("documents", "Documents"),
    ("checkpoints", "Checkpoints"),
    ("timeline", "Timeline"),
)
"""The pages below a pilot's own, in the order of the menu."""


@dataclass(frozen=True)
class PartyShown:
    """One of the organisations that take part, as a form offers it."""

    id: str
    """Global."""
    name: str
    side: PilotSide
    own: bool
    """Whether the reader works for it, as the services see it."""
    leads: bool = False
    """Whether it is the force that runs the pilot."""

    def is_of(self, row: Row) -> bool:
        """Whether a task is this party's."""
        if row["side"] != self.side.name or self.side is PilotSide.SUPPLIER:
            return bool(row["side"] == self.side.name)
        return bool(row["force"]["id"] == self.id if row["force"] else self.leads)


def inside(pilot: Row) -> None:
    """Raise Denied to who sees the pilot, but not what its parties do. Whoever sees that sees its
    steps, of which every pilot has one."""
    if not pilot["inside"]["nodes"]:
        raise Denied("Only the forces, the supplier and those who oversee pilots see this.")


def parties(actor: Actor, pilot: Row) -> list[PartyShown]:
    """The force that leads it first, then those that joined and have not left, then the
    supplier."""
    standing, work = Standing.of(actor, pilot), Permission.PILOT_COLLABORATE
    joined = set(standing.in_joined(work))
    found = list[PartyShown]()
    if force := pilot["force"]:
        own = standing.in_force(work)
        found.append(PartyShown(force["id"], force["name"], PilotSide.FORCE, own, leads=True))
    for further in pilot["furtherForces"]:
        if not further["leftAt"]:
            force = further["force"]
            own = number_of(force) in joined
            found.append(PartyShown(force["id"], force["name"], PilotSide.FORCE, own))
    if supplier := pilot["supplier"]:
        own = standing.at_supplier(work)
        found.append(PartyShown(supplier["id"], supplier["name"], PilotSide.SUPPLIER, own))
    return found


def naming(pilot: Row) -> Callable[[Row], str]:
    """What a template calls to name the party whose a message, task or checkpoint is."""

    def name(row: Row) -> str:
        of_supplier = row.get("side") == PilotSide.SUPPLIER.name
        party = row["force"] or (pilot["supplier"] if of_supplier else pilot["force"])
        return party["name"] if party else ""

    return name


def left_on(actor: Actor, pilot: Row) -> Any:
    """When the reader's force left the pilot; None for everybody else."""
    own = set(actor.with_permission(Permission.PILOT_READ))
    for further in pilot["furtherForces"]:
        if further["leftAt"] and number_of(further["force"]) in own:
            return further["leftAt"]
    return None


def shared(actor: Actor, pilot: Row) -> dict[str, Any]:
    """What the templates of these pages are given alike. Raises Denied as `inside`."""
    inside(pilot)
    found = parties(actor, pilot)
    return {
        "pilot": pilot,
        "parties": found,
        "own": [party for party in found if party.own],
        "name_of": naming(pilot),
        "left_on": left_on(actor, pilot),
        "parts": PARTS,
    }
