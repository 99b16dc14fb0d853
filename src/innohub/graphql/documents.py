"""Persisted documents: a client sends the SHA-256 of a query in place of its text.

Two kinds. Registered documents come with the hub (its pages) or from a folder of the operator's,
and are known from the start. Automatic ones (APQ) are remembered when a client first sends text and
hash together; each process forgets the least used, and a client answers PERSISTED_QUERY_NOT_FOUND
by sending the text again. In strict mode only registered documents run; their text counts too.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from graphql import GraphQLError

REMEMBERED = 10_000
VERSION = 1
NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
"""As the protocol writes it: Apollo's clients look for this very code."""


class Documents:
    """The documents known by hash."""

    def __init__(self, registered: Iterable[str] = (), *, strict: bool = False) -> None:
        self._registered = {digest(text): text for text in registered}
        self._remembered: OrderedDict[str, str] = OrderedDict()
        self._strict = strict

    def registered(self, text: str) -> bool:
        """Whether this text came with the hub, or from the operator."""
        return digest(text) in self._registered

    def text(self, query: str | None, extensions: Mapping[str, Any]) -> str:
        """The text to run. Raises GraphQLError where there is none, or it may not run."""
        wanted = _hash_in(extensions)
        if wanted is not None:
            return self._by_hash(wanted, query)
        if not query:
            raise _refusal("There is no query in the request.", "bad_request")
        if self._strict and digest(query) not in self._registered:
            raise _refusal("Only registered documents run here.", "unregistered_document")
        return query

    def _by_hash(self, wanted: str, query: str | None) -> str:
        known = self._registered.get(wanted) or self._remembered.get(wanted)
        if known is not None:
            return known
        if self._strict:
            raise _refusal("Only registered documents run here.", "unregistered_document")
        if not query:
            raise _refusal("PersistedQueryNotFound", NOT_FOUND)
        if digest(query) != wanted:
            raise _refusal("The hash is not that of the query.", "persisted_query_mismatch")
        self._remembered[wanted] = query
        if len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)
        return query


def digest(text: str) -> str:
    """The SHA-256 of a document's text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def in_folder(folder: Path) -> list[str]:
    """The texts of the `.graphql` files below a folder."""
    return [path.read_text("utf-8") for path in sorted(folder.rglob("*.graphql"))]


def _hash_in(extensions: Mapping[str, Any]) -> str | None:
    given = extensions.get("persistedQuery")
    if given is None:
        return None
    if not isinstance(given, dict) or given.get("version") != VERSION:
        raise _refusal("persistedQuery must have version 1.", "bad_request")
    wanted = given.get("sha256Hash")
    if not isinstance(wanted, str):
        raise _refusal("persistedQuery must have a sha256Hash.", "bad_request")
    return wanted.lower()


def _refusal(message: str, code: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": code})
