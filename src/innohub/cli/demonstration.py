"""The demonstration market on the terminal: filling it, and who may sign in to it."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from innohub import interrupts
from innohub.seed import seed_if_empty
from innohub.settings import Settings


def fill(settings: Settings, console: Console) -> None:
    """Seed the demonstration market where there is none, with a bar that moves."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Looking for a market", total=None)

        def progress(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=what)

        report = interrupts.run(seed_if_empty(settings, progress=progress))
    if report is not None:
        console.print("A demonstration market was made. What is invented in it is marked so.")


def show_accounts(settings: Settings, console: Console) -> None:
    """Who may sign in, each in two lines that no narrow terminal breaks; and the API clients, as
    lines to copy into a shell."""
    accounts = _accounts(settings.data_dir / "demo-accounts.json")
    console.print("[bold]People who may sign in[/bold], with e-mail address and password")
    for person in (account for account in accounts if "email" in account):
        console.print(f"\n{escape(person['role'])}: {escape(person['name'])}")
        console.print(
            f"    {escape(person['email']):<44} {escape(person['password'])}", soft_wrap=True
        )
    for client in (account for account in accounts if "client_id" in account):
        console.print(f"\n[bold]{escape(client['role'])}[/bold] ({escape(client['scopes'])})")
        console.print(f"CLIENT_ID={client['client_id']}", soft_wrap=True)
        console.print(f"CLIENT_SECRET={client['client_secret']}", soft_wrap=True)


def _accounts(path: Path) -> list[dict[str, Any]]:
    """The rows that the seed wrote: one flat object for each account."""
    try:
        found = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return []
    return [row for row in found if isinstance(row, dict)]
