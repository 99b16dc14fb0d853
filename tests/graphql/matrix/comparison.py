"""An answer set against the oracle: exactly the rows that may be seen, in every place."""

from typing import Any

import orjson

from innohub.db import identifiers
from tests.graphql.matrix.oracle import Oracle
from tests.graphql.matrix.relations import GUARDED, RELATED, facets_of

Row = Any
Key = Any

KEYS_OF_ROWS: dict[str, Any] = {
    "ListingSection": lambda row: row.section.name,
    "DraftSection": lambda row: row.section.name,
    "Capability": lambda row: row.capability,
    "AssuranceAddition": lambda row: row.part,
    "PilotOverlap": lambda row: row.other_id,
    "EarlierOverlap": lambda row: row.earlier_id,
    "ForceContext": lambda row: "the force's one sheet",
    "RoundCriterion": lambda row: row.criterion,
    "GateCheck": lambda row: row.gate.name,
    "RankVariation": lambda row: row.criterion,
    "LockedResult": lambda row: row.place,
    "SimilarChallenge": lambda row: row.other_id,
    "ListingMatch": lambda row: row.technology_id,
    "PilotMatch": lambda row: row.pilot_id,
    "QuoteTier": lambda row: row.number,
    "PoolPart": lambda row: row.force_id,
    "FormerEntry": lambda row: row.slug,
}
KEYS_IN_ANSWERS: dict[str, Any] = {
    "ListingSection": lambda node: node["section"],
    "DraftSection": lambda node: node["section"],
    "Capability": lambda node: node["value"],
    "AssuranceAddition": lambda node: node["part"],
    "PilotOverlap": lambda node: node["other"] and identifiers.decode(node["other"]["id"])[1],
    "EarlierOverlap": lambda node: identifiers.decode(node["earlier"]["id"])[1],
    "ForceContext": lambda node: "the force's one sheet",
    "RoundCriterion": lambda node: node["criterion"],
    "GateCheck": lambda node: node["gate"],
    "RankVariation": lambda node: node["criterion"],
    "LockedResult": lambda node: node["place"],
    "SimilarChallenge": lambda node: identifiers.decode(node["challenge"]["id"])[1],
    "ListingMatch": lambda node: identifiers.decode(node["technology"]["id"])[1],
    "PilotMatch": lambda node: identifiers.decode(node["pilot"]["id"])[1],
    "QuoteTier": lambda node: node["number"],
    "PoolPart": lambda node: identifiers.decode(node["force"]["id"])[1],
    "FormerEntry": lambda node: node["slug"],
}


class Comparison:
    """Collects every difference between answers and what the oracle allows."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        self.found: list[str] = []

    def of(self, kind: str, row: Row, answer: dict[str, Any], path: str = "") -> None:
        """Compare one object: `row` is the stored row behind it, None for the root."""
        for name, value in answer.items():
            here = f"{path}.{name}"
            if (kind, name) in RELATED:
                inner, related = RELATED[kind, name]
                self._related(inner, related(self.oracle.stored, row), value, here)
            elif (kind, name) in GUARDED:
                self._field(kind, row, name, value, here)

    def of_one(self, kind: str, row: Row, node: dict[str, Any]) -> None:
        """Compare one object by itself: whether it may be seen, and its guarded fields."""
        if not self.oracle.sees(kind, row):
            self.found.append(f"LEAK {kind} {row.id}")
        for name in node:
            if (kind, name) in GUARDED:
                self._field(kind, row, name, node[name], f"{kind}.{name}")

    def _field(self, kind: str, row: Row, name: str, value: Any, path: str) -> None:
        wanted = normal(GUARDED[kind, name](self.oracle, row))
        if value != wanted:
            self.found.append(f"{path} of {row.id}: {value!r}, not {wanted!r}")

    def _related(self, kind: str, rows: list[Row], value: Any, path: str) -> None:
        seen = {key_of(kind, row): row for row in rows if self.oracle.sees(kind, row)}
        nodes = value
        if isinstance(value, dict) and "nodes" in value:
            nodes = value["nodes"]
            self._connection(list(seen.values()), value, path)
        elif not isinstance(value, list):
            nodes = [] if value is None else [value]
        shown = {KEYS_IN_ANSWERS.get(kind, node_id)(node): node for node in nodes}
        for key in shown.keys() - seen.keys():
            self.found.append(f"LEAK {path}: {kind} {key}")
        for key in seen.keys() - shown.keys():
            self.found.append(f"HIDDEN {path}: {kind} {key}")
        for key in shown.keys() & seen.keys():
            self.of(kind, seen[key], shown[key], path)

    def _connection(self, seen: list[Row], value: dict[str, Any], path: str) -> None:
        if value.get("totalCount", len(seen)) != len(seen):
            self.found.append(f"{path}.totalCount: {value['totalCount']}, not {len(seen)}")
        wanted = facets_of(self.oracle.stored, seen) if "facets" in value else {}
        for name, counts in value.get("facets", {}).items():
            told = {one["value"]: one["count"] for one in counts}
            if told != wanted[name]:
                self.found.append(f"{path}.facets.{name}: {told}, not {dict(wanted[name])}")


def key_of(kind: str, row: Row) -> Key:
    return KEYS_OF_ROWS[kind](row) if kind in KEYS_OF_ROWS else row.id


def node_id(node: dict[str, Any]) -> int:
    return identifiers.decode(node["id"])[1]


def normal(value: Any) -> Any:
    """As a client sees it: enumerations by name, dates as text."""
    name = getattr(value, "name", None)
    return orjson.loads(orjson.dumps(name or value, default=str))
