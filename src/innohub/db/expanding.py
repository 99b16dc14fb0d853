"""Whether the release before runs on the schema of this one: migrations expand, and contract later.

`migrations/release.json` is what the tables of the last release were like, as PostgreSQL told it.
A migration of the next one may add, and take nothing away that the last one names: its processes go
on while, and after, the migration runs.
"""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

FACTS = ("type", "needed", "filled")
RELEASE = Path(__file__).parent / "migrations" / "release.json"
_COLUMNS = text("""
    SELECT table_.relname, column_.attname,
        format_type(column_.atttypid, column_.atttypmod) AS type,
        column_.attnotnull AS needed,
        column_.atthasdef OR column_.attidentity <> '' AS filled,
        column_.attgenerated <> '' AS made
    FROM pg_class AS table_
    JOIN pg_attribute AS column_ ON column_.attrelid = table_.oid
    WHERE table_.relnamespace = 'public'::regnamespace
        AND table_.relkind IN ('r', 'p', 'v', 'm') AND NOT table_.relispartition
        AND table_.relname <> 'alembic_version'
        AND column_.attnum > 0 AND NOT column_.attisdropped
    ORDER BY table_.relname, column_.attname
""")

Columns = dict[str, dict[str, Any]]
Schema = dict[str, Columns]


def schema_of(connection: Connection) -> Schema:
    """Tables and views, by column: its type, whether a row needs it, and whether it is filled in
    where nobody does."""
    found: Schema = {}
    for table, column, type_, needed, filled, made in connection.execute(_COLUMNS):
        found.setdefault(table, {})[column] = {
            "type": type_,
            "needed": needed,
            "filled": filled or made,
        }
    return found


def last_release() -> Schema:
    found: Schema = {}
    for name, told in json.loads(RELEASE.read_text())["columns"].items():
        table, _, column = name.partition(".")
        found.setdefault(table, {})[column] = dict(zip(FACTS, told, strict=True))
    return found


def keep(schema: Schema, revision: str) -> None:
    """Write down what the tables are like at a release."""
    lines = [
        f"  {json.dumps(f'{table}.{name}')}: {json.dumps([column[fact] for fact in FACTS])}"
        for table, columns in sorted(schema.items())
        for name, column in sorted(columns.items())
    ]
    head = f'{{\n "revision": {json.dumps(revision)},\n "columns": {{\n'
    RELEASE.write_text(head + ",\n".join(lines) + "\n }\n}\n")


def contractions(before: Schema, now: Schema) -> list[str]:
    """What the release before would stumble over, in words."""
    return [problem for table, columns in before.items() for problem in _of(table, columns, now)]


def _of(table: str, before: Columns, now: Schema) -> list[str]:
    if table not in now:
        return [f"{table} is gone"]
    problems = []
    for name, column in before.items():
        known = now[table].get(name)
        if known is None:
            problems.append(f"{table}.{name} is gone")
        elif known["type"] != column["type"]:
            problems.append(f"{table}.{name} was {column['type']} and is {known['type']}")
        elif _must_be_given(known) and not _must_be_given(column):
            problems.append(f"{table}.{name} has to be given, and had not")
    problems += [
        f"{table}.{name} is new, and a row without it is refused"
        for name, column in sorted(now[table].items())
        if name not in before and _must_be_given(column)
    ]
    return problems


def _must_be_given(column: dict[str, Any]) -> bool:
    return bool(column["needed"] and not column["filled"])
