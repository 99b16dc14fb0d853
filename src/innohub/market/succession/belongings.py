"""All that a supplier has, by the columns that name it: what its successor has from now on.

Tables stand here by their names, so that those of layers above are among them. A test holds that
every column which points at an organisation is either here, or named as one that stays.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Select, TableClause, Update, and_, column, exists, func, select, table

SUPPLIER, ORGANISATION = "supplier_id", "organisation_id"


@dataclass(frozen=True)
class Belonging:
    """Rows that are a supplier's. `words` say what they are, where people are told how many.

    `once`: the successor has one row at most for each value of this column, and keeps its own; the
    ending supplier's stays with it.
    """

    table: str
    column: str
    words: str | None = None
    once: str | None = None

    def of(self, id: int, successor_id: int) -> Any:
        """The condition on the rows that would go over."""
        rows = self._rows
        theirs: Any = rows.c[self.column] == id
        if self.once is None:
            return theirs
        there = self._rows.alias("there")
        same = and_(there.c[self.column] == successor_id, there.c[self.once] == rows.c[self.once])
        return and_(theirs, ~exists().where(same))

    def hand_over(self, id: int, successor_id: int) -> Update:
        moved = self._rows.update().where(self.of(id, successor_id))
        return moved.values({self.column: successor_id})

    def count(self, id: int, successor_id: int) -> Select[Any]:
        rows = self._rows
        return select(func.count()).select_from(rows).where(self.of(id, successor_id))

    @cached_property
    def _rows(self) -> TableClause:
        return table(self.table, *(column(name) for name in (self.column, self.once) if name))


BELONGINGS = (
    Belonging("technology", SUPPLIER, "technologies, with their versions and assurance"),
    Belonging("listing_draft", SUPPLIER),
    Belonging("catalogue_import", SUPPLIER),
    Belonging("import_item", SUPPLIER),
    Belonging("pilot", SUPPLIER, "pilots, with their protocols and results"),
    Belonging("pilot_turn", ORGANISATION),
    Belonging("result", SUPPLIER),
    Belonging("challenge_question", SUPPLIER),
    Belonging("challenge_response", SUPPLIER, "responses to challenges", once="challenge_id"),
    Belonging("pool_invitation", SUPPLIER, "invitations to pools"),
    Belonging("quote", SUPPLIER, "quotes, at the prices that were quoted"),
    Belonging("supplier_transaction", SUPPLIER),
    Belonging("board_review", ORGANISATION, "reviews asked of the board"),
    Belonging("debarment", SUPPLIER, "debarments"),
    Belonging("supplier_interest", SUPPLIER, "interests that reviewers declared", once="person_id"),
    Belonging("document", ORGANISATION, "documents"),
    Belonging("oauth_client", ORGANISATION, "API clients: each has to sign in anew"),
    # Settling locks a delivery before it needs its connection.
    Belonging("delivery", ORGANISATION),
    Belonging("connection", ORGANISATION, "connections to its systems"),
    Belonging("lane", ORGANISATION),
    Belonging("attempt", ORGANISATION),
    Belonging("remote_record", ORGANISATION),
    Belonging("consent", ORGANISATION),
    Belonging("connection_mapping", ORGANISATION),
    Belonging("reconciliation", ORGANISATION),
    Belonging("discrepancy", ORGANISATION),
    Belonging("inbound_message", ORGANISATION),
    Belonging("inbound_poll", ORGANISATION),
    Belonging("supplier_note", ORGANISATION),
    Belonging("event", SUPPLIER),
)
"""In the order in which they are handed over: what the market's own writes lock first comes first,
so that whoever writes about a technology or a pilot meanwhile is waited for, or waits."""

STAYS = {
    "membership.organisation_id": "people move one by one: see `people`",
    "identity_provider.organisation_id": "its own sign-in ends",
    "organisation_slug.organisation_id": "its addresses are handed over by themselves",
    "former_entry.organisation_id": "what it was called before is its own",
    "former_supplier.supplier_id": "under whose name something was made does not change",
    "credential.organisation_id": "by which a secret is sealed",
    "connection.made_for_id": "by which records are known in a supplier's system",
    "organisation.successor_id": "who followed whom",
    "board_round.board_id": "a board's",
}
"""What does not go over, and why. Columns named `force_id` are forces'."""
