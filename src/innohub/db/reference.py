"""Load reference data from the YAML files beside the capabilities that use them.

A migration calls `load` when a file changed. Rows are matched by list and id: values are added and
relabelled, never removed, since history points at them (close one with `valid_to`).
"""

import json
from datetime import date
from importlib import resources
from typing import Any

import yaml
from sqlalchemy import Connection, TextClause, text

COLUMNS = {"id", "label", "valid_from", "valid_to"}
FIRST_DAY = date(2026, 1, 1)

UPSERT_VALUE = text("""
    INSERT INTO reference_value (list, id, label, position, detail, valid_from, valid_to)
    VALUES (:list, :id, :label, :position, CAST(:detail AS jsonb), :valid_from, :valid_to)
    ON CONFLICT (list, id) DO UPDATE
    SET label = excluded.label, position = excluded.position, detail = excluded.detail,
        valid_from = excluded.valid_from, valid_to = excluded.valid_to
""")
UPSERT_FORCE = text("""
    INSERT INTO organisation (kind, slug, name, ons_code, force_kind, nation, region,
                              valid_from, valid_to, demonstration, created_at)
    VALUES ('force', :slug, :name, :ons_code, :kind, :nation, :region,
            :valid_from, :valid_to, false, now())
    ON CONFLICT (slug) DO UPDATE
    SET name = excluded.name, ons_code = excluded.ons_code, force_kind = excluded.force_kind,
        nation = excluded.nation, region = excluded.region,
        valid_from = excluded.valid_from,
        -- What an operator merged stays merged, whatever an older list says.
        valid_to = coalesce(excluded.valid_to, organisation.valid_to)
""")
CHANGED_HERE = text("""
    SELECT s.slug FROM organisation_slug s
    WHERE EXISTS (SELECT FROM former_entry f WHERE f.organisation_id = s.organisation_id)
""")
"""Slugs, of today and of before, of what an operator gave another name or place."""
LINK_SUCCESSOR = text("""
    UPDATE organisation
    SET successor_id = (SELECT id FROM organisation WHERE slug = :successor_slug)
    WHERE slug = :slug
""")


def load(connection: Connection) -> None:
    """Bring the reference lists and the forces up to the files of this release."""
    for path in sorted(_folder("market").iterdir(), key=lambda file: file.name):
        if path.name.endswith(".yaml"):
            _load_list(connection, yaml.safe_load(path.read_text("utf-8")))
    forces = _folder("identity").joinpath("forces.yaml")
    _load_forces(connection, yaml.safe_load(forces.read_text("utf-8")))


def _folder(capability: str) -> Any:
    return resources.files("innohub").joinpath(capability, "reference")


def _load_list(connection: Connection, document: dict[str, Any]) -> None:
    rows = [
        {
            "list": document["list"],
            "id": str(entry["id"]),
            "label": entry["label"],
            "position": position,
            "detail": json.dumps(
                {name: entry[name] for name in entry if name not in COLUMNS}, default=str
            ),
            "valid_from": entry.get("valid_from") or document.get("valid_from") or FIRST_DAY,
            "valid_to": entry.get("valid_to"),
        }
        for position, entry in enumerate(document["entries"], start=1)
    ]
    _each(connection, UPSERT_VALUE, rows)


def _load_forces(connection: Connection, document: dict[str, Any]) -> None:
    changed = _changed_here(connection)
    forces = document["forces"]
    _each(connection, UPSERT_FORCE, [force for force in forces if force["slug"] not in changed])
    _each(connection, LINK_SUCCESSOR, [force for force in forces if force["successor_slug"]])


def _each(connection: Connection, statement: TextClause, rows: list[dict[str, Any]]) -> None:
    """All rows in one round trip. No rows would be one without values."""
    if rows:
        connection.execute(statement, rows)


def _changed_here(connection: Connection) -> set[str]:
    """What an operator changed stays changed, whatever an older list says. None in a database of a
    time before they could."""
    if connection.scalar(text("SELECT to_regclass('former_entry')")) is None:
        return set()
    return set(connection.scalars(CHANGED_HERE))
