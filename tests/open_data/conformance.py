"""Is this OCDS 1.1? By the official schema and codelists where their folder lies beside the
project, and always by what of them the hub relies on."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

PROJECT = Path(__file__).parents[2]
RELEASE = "https://standard.open-contracting.org/schema/1__1__5/release-schema.json"
PLACES = ("release-package-schema.json", "release-schema.json")
MOMENTS = {
    "date", "publishedDate", "datePublished", "dueDate", "dateMet", "dateModified", "dateSigned",
    "startDate", "endDate",
}  # fmt: skip
STATUSES = {"scheduled", "met", "notMet", "partiallyMet"}


def official() -> Path | None:
    """The folder of the official files: `shared/ocds` beside the project, or beside the folder that
    a working copy lies in."""
    for above in (PROJECT.parent, PROJECT.parent.parent):
        folder = above / "shared" / "ocds"
        if folder.is_dir():
            return folder
    return None


def problems_by_schema(folder: Path, package: dict[str, Any]) -> list[str]:
    """What the official schema has against it; then what the official codelists have."""
    found = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in _validator(folder).iter_errors(package)
    ]
    for release in package["releases"]:
        found += _strangers(folder, release)
    return found


@cache
def _validator(folder: Path) -> Draft4Validator:
    package, release = (json.loads((folder / name).read_text()) for name in PLACES)
    known: Registry[Any] = Registry().with_resource(
        RELEASE, Resource.from_contents(release, default_specification=DRAFT4)
    )
    Draft4Validator.check_schema(package)
    return Draft4Validator(package, registry=known, format_checker=FormatChecker())


@cache
def _codes(folder: Path, name: str) -> set[str]:
    with (folder / "codelists" / name).open(newline="") as file:
        return {row["Code"] for row in csv.DictReader(file)}


def _strangers(folder: Path, release: dict[str, Any]) -> Iterator[str]:
    """Codes that are in no list, open lists too: we add none of our own."""
    schema = json.loads((folder / PLACES[1]).read_text())
    yield from _walk(folder, schema, schema, release, release["id"])


def _walk(folder: Path, whole: Any, schema: Any, value: Any, at: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = whole["definitions"][schema["$ref"].rsplit("/", 1)[-1]]
    yield from _unlisted(folder, schema.get("codelist"), value, at)
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in schema.get("properties", {}):
                yield from _walk(folder, whole, schema["properties"][key], inner, f"{at}/{key}")
            elif (at, key) != (value.get("id"), "demonstration"):
                yield f"{at}: {key} is not of the standard"
    elif isinstance(value, list) and "items" in schema:
        for place, inner in enumerate(value):
            yield from _walk(folder, whole, schema["items"], inner, f"{at}/{place}")


def _unlisted(folder: Path, codelist: str | None, value: Any, at: str) -> Iterator[str]:
    if codelist and (folder / "codelists" / codelist).is_file():
        for code in value if isinstance(value, list) else [value]:
            if code not in _codes(folder, codelist):
                yield f"{at}: {code} is not in {codelist}"


def assert_sound(package: dict[str, Any]) -> None:
    """What the hub relies on, without the official files: heads, ids, parties that exist."""
    assert {"uri", "publisher", "publishedDate", "releases", "version"} <= set(package)
    assert package["version"] == "1.1"
    assert package["releases"]
    assert "open-government-licence/version/3" in package["license"]
    ids = [release["id"] for release in package["releases"]]
    assert len(ids) == len(set(ids))
    for release in package["releases"]:
        assert list(release)[:6] == ["ocid", "id", "date", "tag", "initiationType", "language"]
        assert release["id"].startswith(f"{release['ocid']}-")
        assert release["initiationType"] == "tender"
        _assert_parties(release)
        _assert_own_ids(release)
        _assert_nothing_empty(release, release["id"])


def _assert_parties(release: dict[str, Any]) -> None:
    parties = {party["id"]: set(party["roles"]) for party in release.get("parties", [])}
    assert all(parties.values()), parties
    named = [release.get("buyer"), release.get("tender", {}).get("procuringEntity")]
    for award in release.get("awards", []):
        named += award.get("suppliers", [])
        assert all("supplier" in parties[one["id"]] for one in award.get("suppliers", []))
    assert all(one["id"] in parties for one in named if one)
    awards = {award["id"] for award in release.get("awards", [])}
    assert all(contract["awardID"] in awards for contract in release.get("contracts", []))


def _assert_own_ids(release: dict[str, Any]) -> None:
    planning = release.get("planning", {})
    for rows in (planning.get("documents", []), planning.get("milestones", []),
                 release.get("awards", []), release.get("contracts", [])):  # fmt: skip
        ids = [row["id"] for row in rows]
        assert len(ids) == len(set(ids)), ids
    assert {one["status"] for one in planning.get("milestones", [])} <= STATUSES


def _assert_nothing_empty(value: Any, at: str) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            assert inner not in (None, "", [], {}), f"{at}/{key}"
            if key in MOMENTS:
                assert datetime.fromisoformat(inner).tzinfo is not None, f"{at}/{key}"
            _assert_nothing_empty(inner, f"{at}/{key}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            _assert_nothing_empty(inner, f"{at}/{place}")
