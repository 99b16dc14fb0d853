"""What a failed command says: one clear line for what we expect, a traceback for our own faults."""

import re
from typing import Any

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from innohub.errors import InnoHubError


class PlainErrors(TyperGroup):
    """Commands whose expected failures end in a red line and exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except InnoHubError as error:
            lines = [
                f"{problem.field}: {problem.message}" if problem.field else problem.message
                for problem in error.problems
            ]
        except (ValidationError, SettingsError) as error:
            lines = settings_problems(error)
        console = Console(stderr=True, highlight=False)
        for line in lines:
            console.print(f"[red]{escape(line)}[/red]", soft_wrap=True)
        raise typer.Exit(1)


def settings_problems(error: ValidationError | SettingsError) -> list[str]:
    """One line for each setting that does not hold, under its name in the environment."""
    if isinstance(error, SettingsError):
        named = re.search(r'"(\w+)"', str(error))
        name = _environment_name((named[1],)) if named else ""
        return [f'{name}It cannot be read: a list is written as ["one", "other"].']
    return [
        f"{_environment_name(problem['loc'])}{problem['msg'].removeprefix('Value error, ')}"
        for problem in error.errors(include_url=False)
    ]


def _environment_name(location: tuple[int | str, ...]) -> str:
    if not location:
        return ""
    name = str(location[0])
    return f"{name if name.isupper() else 'INNOHUB_' + name.upper()}: "
