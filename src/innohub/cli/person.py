"""People: added, and what the hub holds about them told, or taken out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from innohub.errors import Invalid, NotFound
from innohub.settings import Settings

if TYPE_CHECKING:
    from innohub.db.unit_of_work import Database
    from innohub.personal.erasing import Erased

app = typer.Typer(help="People, and what the hub holds of them.", no_args_is_help=True)
console = Console(highlight=False)

Email = Annotated[str, typer.Argument(help="The e-mail address that they sign in with.")]


@app.command()
def export(
    email: Email,
    to: Annotated[Path, typer.Option(help="The file to write; only you may read it.")],
) -> None:
    """Write all that the hub holds about a person into a file, as JSON."""
    import orjson

    from innohub.cli.database import on_database

    held = on_database(Settings(), lambda database: _export(database, email))
    to.touch(mode=0o600)
    to.write_bytes(orjson.dumps(held, default=str, option=orjson.OPT_INDENT_2))
    console.print(f"Wrote {to}.")


@app.command()
def erase(
    email: Email,
    reason: Annotated[str, typer.Option(help="For the audit trail: why, and who asked.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Take a person out of the hub. What they did stays, under a pseudonym. Cannot be undone."""
    from innohub.cli.database import on_database

    if not yes:
        typer.confirm(f"Erase {email}? This cannot be undone.", abort=True)
    erased = on_database(Settings(), lambda database: _erase(database, email, reason))
    console.print(
        f"They are {erased.pseudonym} now: {erased.deleted} rows deleted, "
        f"{erased.renamed} names replaced."
    )
    if erased.namesakes:
        console.print(
            "Somebody else has the same name: where only the name says whose act it was, it stays."
        )


@app.command()
def add(
    email: Email,
    name: Annotated[str, typer.Option(help="As others read it.")],
    organisation: Annotated[str, typer.Option(help="Its name in addresses, as `market-company`.")],
    role: Annotated[str, typer.Option(help="What they are there, as `platform_admin`.")],
) -> None:
    """Add a person, or a further role of theirs. Who has no password yet gets one, shown once,
    where their organisation allows passwords."""
    from innohub.cli.database import on_database
    from innohub.identity.passwords import drawn

    password = drawn()
    given = on_database(
        Settings(), lambda database: _add(database, email, name, organisation, role, password)
    )
    console.print(f"{email} is {role} of {organisation}.", soft_wrap=True)
    if given:
        console.print(f"Password: {password}")
        console.print("It is shown this once. They set up a second factor at /account.")


@app.command()
def password(
    email: Email,
    reason: Annotated[str, typer.Option(help="For the audit trail: why, and who asked.")],
    second_factors: Annotated[
        bool,
        typer.Option(
            "--second-factors", help="Take away their app, passkeys and recovery codes, too."
        ),
    ] = False,
) -> None:
    """Give somebody who lost theirs a new password, shown once. They are signed out everywhere, and
    told by e-mail."""
    from innohub.cli.database import on_database
    from innohub.identity.passwords import drawn

    fresh, settings = drawn(), Settings()
    on_database(
        settings,
        lambda database: _reset(database, settings, email, fresh, reason, second_factors),
    )
    console.print(f"Password: {fresh}")
    console.print("It is shown this once. They change it at /account/password.")


async def _reset(
    database: "Database", settings: Settings, email: str, fresh: str, reason: str, all_of_it: bool
) -> None:
    from innohub.identity.actor import SYSTEM
    from innohub.identity.passwords import hashed
    from innohub.mail.transport import told_from
    from innohub.personal.passwords import reset_password

    hash = await hashed(fresh)
    async with database.unit_of_work(SYSTEM.signature()) as work:
        person_id = await _number(work.session, email)
        await reset_password(
            work, SYSTEM, person_id, hash, reason=reason, second_factors=all_of_it,
            base_url=told_from(settings),
        )  # fmt: skip


async def _add(
    database: "Database", email: str, name: str, slug: str, role: str, password: str
) -> bool:
    """Whether the password was given to them."""
    from sqlalchemy import select

    from innohub.identity.actor import SYSTEM
    from innohub.identity.commands import AddMembership, AddPerson
    from innohub.identity.directory import add_membership, add_person
    from innohub.identity.models import Organisation, Person, Role, has_email

    if role not in set(Role):
        raise Invalid(f"There is no role {role}. There are {', '.join(Role)}.", field="role")
    async with database.unit_of_work(SYSTEM.signature()) as work:
        theirs = select(Organisation).where(Organisation.slug == slug)
        organisation = await work.session.scalar(theirs)
        if organisation is None:
            raise NotFound(f"There is no organisation {slug}.")
        known = select(Person).where(has_email(email.strip()))
        person, given = await work.session.scalar(known), False
        if person is None:
            given = organisation.passwords_allowed
            facts = {"name": name, "email": email, "password": password if given else None}
            person = await add_person(work, SYSTEM, AddPerson.parse(facts))
            await work.session.flush()
        held = AddMembership(person_id=person.id, organisation_id=organisation.id, role=Role(role))
        await add_membership(work, SYSTEM, held)
        return given


async def _export(database: "Database", email: str) -> "dict[str, Any]":
    from innohub.identity.actor import SYSTEM
    from innohub.personal.exporting import export_person

    async with database.unit_of_work(SYSTEM.signature()) as work:
        return await export_person(work, await _number(work.session, email))


async def _erase(database: "Database", email: str, reason: str) -> "Erased":
    from innohub.identity.actor import SYSTEM
    from innohub.personal.erasing import erase_person

    async with database.unit_of_work(SYSTEM.signature()) as work:
        return await erase_person(work, SYSTEM, await _number(work.session, email), reason)


async def _number(session: Any, email: str) -> int:
    from sqlalchemy import select

    from innohub.identity.models import Person, has_email

    found: int | None = await session.scalar(select(Person.id).where(has_email(email.strip())))
    if found is None:
        raise NotFound("Nobody signs in with this address.")
    return found
