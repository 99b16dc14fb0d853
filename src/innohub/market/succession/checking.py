"""Whether one organisation can become part of another."""

from datetime import date, timedelta

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, WrongState
from innohub.identity.models import Organisation, OrganisationKind
from innohub.market.succession.open_work import open_work
from innohub.market.succession.rivalry import rivalry
from innohub.market.working_days import london_date

SOONEST = timedelta(days=366)
"""How far ahead a force's last day may be: a merger is decided years before, entered when it is
near."""


def require_two(ending: Organisation, successor: Organisation) -> None:
    """Raise Invalid for an organisation that would follow itself, or one of another kind;
    WrongState for one that has merged, or a successor that has ended."""
    if ending.id == successor.id:
        raise Invalid(
            f"A {ending.kind} cannot follow itself.", field="successor_id", rule="not_itself"
        )
    if ending.kind != successor.kind:
        raise Invalid(
            f"A {ending.kind} cannot become part of a {successor.kind}.",
            field="successor_id",
            rule="of_one_kind",
        )
    if ending.successor_id is not None:
        raise WrongState(f"{ending.name} has merged already.", rule="merges_once")
    if successor.successor_id is not None or successor.valid_to is not None:
        raise WrongState(
            f"{successor.name} has ended itself.", field="successor_id", rule="successor_goes_on"
        )
    if ending.kind == OrganisationKind.SUPPLIER and ending.demonstration != successor.demonstration:
        raise Invalid(
            "One of them is invented for the demonstration, the other is not.",
            field="successor_id",
            rule="invented_apart",
        )


def require_day(work: UnitOfWork, ending: Organisation, last_day: date) -> None:
    """Raise Invalid for a last day out of bounds."""
    if ending.valid_from is not None and last_day < ending.valid_from:
        raise Invalid("This is before its first day.", field="last_day")
    if ending.kind == OrganisationKind.SUPPLIER:
        if last_day > london_date(work.now):
            raise Invalid(
                "Enter this on the day or after it: all that the supplier has moves at once.",
                field="last_day",
                rule="last_day_has_come",
            )
    elif last_day > london_date(work.now + SOONEST):
        raise Invalid("Enter a last day within a year.", field="last_day")


async def require_ready(work: UnitOfWork, ending: Organisation, successor: Organisation) -> None:
    """Raise WrongState while a force has something open that would be left to nobody, or while two
    suppliers compete for the same thing."""
    if ending.kind == OrganisationKind.FORCE:
        left = await open_work(work, ending.id)
        if left:
            told = ", ".join(f"{words}: {count}" for words, count in left.items())
            raise WrongState(
                f"{ending.name} has work that would be left to nobody ({told}). Finish it, or hand "
                "it over, first.",
                rule="nothing_left_open",
            )
        return
    both = await rivalry(work, ending.id, successor.id)
    if both:
        told = "; ".join(f"{words}: {', '.join(titles)}" for words, titles in both.items())
        raise WrongState(
            f"{ending.name} and {successor.name} are both in what is not decided yet ({told}). "
            "As one they would compete with themselves.",
            rule="not_against_itself",
        )
