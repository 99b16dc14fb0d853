"""What an operator can ask of organisations that there are."""

from enum import StrEnum
from typing import Annotated

from innohub.command import Command, Line, Reason
from innohub.db.identifiers import IdOf
from innohub.identity.commands import Blankable, Email, Slug

AnyOrganisation = Annotated[int, IdOf("Force", "Supplier", "Body")]


class ForceKind(StrEnum):
    """The vocabulary's kinds of forces."""

    TERRITORIAL = "territorial"
    NATIONAL_TERRITORIAL = "national_territorial"
    SPECIAL = "special"
    NATIONAL_AGENCY = "national_agency"
    NON_VOTING_OBSERVER = "non_voting_observer"


class Nation(StrEnum):
    """Where a force polices."""

    ENGLAND = "england"
    WALES = "wales"
    SCOTLAND = "scotland"
    NORTHERN_IRELAND = "northern_ireland"
    UK_WIDE = "uk_wide"


class ChangeOrganisation(Command):
    """Give an organisation another name or slug; put a force under another kind, nation or region.
    What is not given stays as it is."""

    organisation_id: AnyOrganisation
    name: Annotated[Line | None, Blankable] = None
    slug: Annotated[Slug | None, Blankable] = None
    """The old one leads on to the new one, and is nobody else's again."""
    force_kind: Annotated[ForceKind | None, Blankable] = None
    nation: Annotated[Nation | None, Blankable] = None
    region: Annotated[Line | None, Blankable] = None
    """An id of the reference list `region`."""
    reason: Reason


class MovePerson(Command):
    """Somebody changes from one organisation to another of its kind, with the roles they hold."""

    email: Email
    from_id: AnyOrganisation
    to_id: AnyOrganisation
    reason: Reason
