"""Forms that send a file beside the fields of a command."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from innohub.command import Command
from innohub.errors import Invalid, Problem
from innohub.identity.permissions import Permission
from innohub.market.documents.files import LIMITS, examined
from innohub.market.documents.formats import MIB, TAKEN
from innohub.market.documents.service import MAX_FILES
from innohub.web import refusals
from innohub.web.authentication import caller_of, signature_of
from innohub.web.forms import DO, Sent, Upload, given_in
from innohub.web.page import Perform, back

C = TypeVar("C", bound=Command)

MARKINGS = [
    ("official", "OFFICIAL, without a further marking"),
    ("official_sensitive", "OFFICIAL-SENSITIVE, or above"),
]
STORED = "The file is stored. Others see it once it was looked at for viruses."
FILE = "file"
"""The field with the file."""


def upload(
    command: type[C],
    service: Callable[..., Awaitable[Any]],
    permission: Permission,
    *,
    done: str = STORED,
    then: Callable[[Request, Any], str] | None = None,
    required: bool = True,
) -> Perform:
    """A form that is one command with one file, or where it is not `required`, perhaps without one.
    Whoever lacks the permission everywhere is refused before the file is decoded. As `step`, back
    to the page or to what `then` names."""

    async def perform(request: Request, sent: Sent) -> Response:
        caller = await caller_of(request)
        caller.actor.require(permission)
        file = file_in(sent)
        parsed = _parsed(command, sent, complete=file is not None or not required)
        found = None if file is None else await examined(file, file.filename)
        async with request.app.state.database.unit_of_work(signature_of(request, caller)) as work:
            row = await service(work, caller.actor, parsed, file=found)
        return back(request, then(request, row) if then else refusals.here(request), done)

    return perform


def file_in(sent: Sent) -> Upload | None:
    """The file that was sent, if one was."""
    file = sent.get(FILE, [""])[-1]
    return file if isinstance(file, Upload) else None


def _parsed(command: type[C], sent: Sent, *, complete: bool) -> C:
    """Raises Invalid with every problem, that of a missing file first."""
    fields = {name: values for name, values in sent.items() if name not in (DO, FILE)}
    problems = [] if complete else [Problem("Choose a file.", FILE)]
    try:
        parsed = command.parse(given_in(fields, command))
    except Invalid as error:
        problems += error.problems
    if problems:
        raise Invalid(problems[0].message, problems=problems)
    return parsed


def limits() -> dict[str, Any]:
    """What a template says of the files that are taken."""
    return {
        "markings": MARKINGS,
        "taken": TAKEN,
        "most": MAX_FILES,
        "limits": {kind.value: f"{bytes // MIB} MB" for kind, bytes in LIMITS.items()},
    }
