"""What the pages of working together share: who is inside, and which of the two sides reads."""

from collections.abc import Mapping
from typing import Any

from innohub.errors import Denied
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.pilots.together.models import PilotSide
from innohub.web.pages.pilot.standing import Standing

PARTS = (
    ("tasks", "Tasks"),
    ("messages", "Messages"),
    ("documents", "Documents"),
    ("checkpoints", "Checkpoints"),
    ("timeline", "Timeline"),
)
"""The pages below a pilot's own, in the order of the menu."""


def inside(pilot: Mapping[str, Any]) -> None:
    """Raise Denied to who sees the pilot, but not what its two sides do. Whoever sees that sees its
    steps, of which every pilot has one."""
    if not pilot["inside"]:
        raise Denied("Only the force, the supplier and those who oversee pilots see this.")


def side_of(actor: Actor, pilot: Mapping[str, Any]) -> PilotSide | None:
    """The side on which the reader works, as the services see it; None for who looks on."""
    standing = Standing.of(actor, pilot)
    if standing.in_force(Permission.PILOT_COLLABORATE):
        return PilotSide.FORCE
    return PilotSide.SUPPLIER if standing.at_supplier(Permission.PILOT_COLLABORATE) else None


def shared(actor: Actor, pilot: Mapping[str, Any]) -> dict[str, Any]:
    """What the templates of these pages are given alike. Raises Denied as `inside`."""
    inside(pilot)
    sides = {"FORCE": pilot["force"], "SUPPLIER": pilot["supplier"]}
    names = {side: row["name"] if row else "" for side, row in sides.items()}
    return {"pilot": pilot, "side": side_of(actor, pilot), "names": names, "parts": PARTS}
