"""What the forces of a pilot do for themselves: join, add sites, sign."""

from typing import Annotated

from innohub.db.identifiers import IdOf
from innohub.identity.models import ReviewerType
from innohub.market.command import Command, Line, Prose, Reason
from innohub.market.pilots.commands.parts import PilotCommand
from innohub.market.pilots.models import SiteRole


class OfForce(PilotCommand):
    """The base of what one of a pilot's forces does for itself. `force_id` is needed only by
    somebody who acts for several of them."""

    force_id: Annotated[int, IdOf("Force")] | None = None


class JoinPilot(OfForce):
    """Take part in another force's pilot, with a site of one's own."""

    site: Line
    site_role: SiteRole = SiteRole.TREATMENT


class ApproveJoining(OfForce):
    """The joining force's senior responsible owner approves; its own reviewers follow."""

    reason: Reason | None = None
    """Why, for everybody who works on it: it stands with the step."""


class LeavePilot(OfForce):
    reason: Reason


class AddSite(OfForce):
    name: Line
    role: SiteRole


class RemoveSite(Command):
    site_id: Annotated[int, IdOf("PilotSite")]


class SignAssurance(OfForce):
    """A reviewer of the force signs. Without `reviewer`, for everything they review."""

    reviewer: ReviewerType | None = None
    note: Prose | None = None
    """What the reviewer wants remembered: conditions, doubts."""
