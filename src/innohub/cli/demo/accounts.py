"""Who the demonstration acts as: the accounts that the seed wrote down."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from innohub.cli.calling import Key
from innohub.errors import InnoHubError

FILE = "demo-accounts.json"


@dataclass(frozen=True)
class Login:
    name: str
    email: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Accounts:
    """People and API clients by what they are, as the file words it."""

    people: Mapping[str, tuple[Login, ...]]
    clients: Mapping[str, Key]

    @classmethod
    def read(cls, folder: Path) -> "Accounts":
        """Raises InnoHubError where the data folder holds no such file."""
        path = folder / FILE
        try:
            rows = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise InnoHubError(
                f"The demonstration accounts cannot be read from {path}. Name the running hub's "
                "data folder with INNOHUB_DATA_DIR; `innohub run` seeds it."
            ) from error
        people: dict[str, tuple[Login, ...]] = {}
        clients: dict[str, Key] = {}
        for row in rows:
            role = row["role"]
            if "client_id" in row:
                scopes = tuple(row["scopes"].split())
                clients[role] = Key(role, row["client_id"], row["client_secret"], scopes)
            else:
                login = Login(row["name"], row["email"], row["password"])
                people[role] = (*people.get(role, ()), login)
        return cls(people, clients)

    def all(self, role: str, organisation: str) -> tuple[Login, ...]:
        """Everybody with that role there. Raises InnoHubError where there is nobody."""
        found = self.people.get(f"{role}, {organisation}")
        if not found:
            raise InnoHubError(f"There is no demonstration account of a {role}, {organisation}.")
        return found

    def client(self, organisation: str) -> Key:
        """Raises InnoHubError where the organisation has no API client."""
        found = self.clients.get(f"API client of {organisation}")
        if found is None:
            raise InnoHubError(f"There is no demonstration API client of {organisation}.")
        return found
