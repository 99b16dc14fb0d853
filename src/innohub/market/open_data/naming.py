"""By which registered numbers open contracting data names an organisation."""

import re
from typing import Annotated

from pydantic import field_validator

from innohub.db.identifiers import IdOf
from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import NotFound
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation
from innohub.identity.permissions import Permission
from innohub.market.command import Command, Line
from innohub.outbox.service import record

COMPANY = re.compile(r"(?:[0-9]{2}|[A-Z]{2}|[A-Z][0-9])[0-9]{5}[0-9A-Z]")
PROCUREMENT = re.compile(r"P[A-Z]{3}-[0-9]{4}-[A-Z]{4}")


class IdentifyOrganisation(Command):
    """Say under which numbers your organisation is registered; one left out is forgotten. Open
    contracting data names it by them from the next release on. `organisation_id` is needed only by
    somebody who acts for several."""

    organisation_id: Annotated[int, IdOf("Force", "Supplier")] | None = None
    company_number: Line | None = None
    """At Companies House: eight characters, as in 01234567 or SC123456."""
    procurement_number: Line | None = None
    """The Public Procurement Organisation Number, as in PABC-1234-WXYZ."""

    @field_validator("company_number")
    @classmethod
    def _at_companies_house(cls, given: str | None) -> str | None:
        number = _tidy(given)
        if number is not None and number.isdigit():
            number = number.zfill(8)
        if number is not None and COMPANY.fullmatch(number) is None:
            raise ValueError("A number at Companies House has 8 characters, like 01234567.")
        return number

    @field_validator("procurement_number")
    @classmethod
    def _of_procurement(cls, given: str | None) -> str | None:
        number = _tidy(given)
        if number is not None and PROCUREMENT.fullmatch(number) is None:
            raise ValueError("A procurement organisation number looks like PABC-1234-WXYZ.")
        return number


def _tidy(given: str | None) -> str | None:
    return given.replace(" ", "").upper() if given else None


async def identify(work: UnitOfWork, actor: Actor, command: IdentifyOrganisation) -> Organisation:
    """An organisation's people say its numbers. What went out already keeps the name it had.

    Raises NotSignedIn, Denied without `organisation:identify` there.
    """
    id = command.organisation_id or actor.only_organisation(Permission.ORGANISATION_IDENTIFY)
    actor.require(Permission.ORGANISATION_IDENTIFY, id)
    organisation = await work.session.get(Organisation, id, with_for_update=True)
    if organisation is None:
        raise NotFound("There is no such organisation.")
    organisation.company_number = command.company_number
    organisation.procurement_number = command.procurement_number
    numbers = command.model_dump(include={"company_number", "procurement_number"})
    await record(work, "organisation:identify", organisation, detail=numbers)
    return organisation
