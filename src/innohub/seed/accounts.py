"""`demo-accounts.json`: who may sign in to the demonstration, and with what."""

import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from innohub.identity.oauth.clients import WithSecret
from innohub.identity.permissions import Scope
from innohub.seed.market import Story
from innohub.seed.people import Password, in_newcomers_order

FILE = "demo-accounts.json"

Account = dict[str, str]


def accounts_of(
    story: Story, passwords: dict[str, Password], clients: Sequence[WithSecret]
) -> list[Account]:
    """One flat row for each person who is shown, then one for each API client."""
    return [*_people(story, passwords), *(_client(made) for made in clients)]


def write_accounts(folder: Path, accounts: list[Account]) -> Path:
    """Write the file whole or not at all, readable by its owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    draft = path.with_name(f"{FILE}.{os.getpid()}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    try:
        draft.write_text(json.dumps(accounts, indent=2, ensure_ascii=False) + "\n", "utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def _people(story: Story, passwords: dict[str, Password]) -> list[Account]:
    return [
        {
            "role": f"{_words(seat.role)}, {story.name_of(seat.organisation)}",
            "name": person.name,
            "email": person.email,
            "password": passwords[person.email].text,
        }
        for person in in_newcomers_order(story)
        for seat in person.memberships[:1]
    ]


def _client(made: WithSecret) -> Account:
    return {
        "role": made.client.name,
        "client_id": made.client.client_id,
        "client_secret": made.secret or "",
        "scopes": " ".join(Scope(scope) for scope in made.client.scopes),
    }


def _words(role: str) -> str:
    return role.replace("_", " ").replace("readonly", "(reads only)").capitalize()
