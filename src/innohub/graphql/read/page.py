"""One page of a connection, as SQL over the rows found for it."""

from typing import Any

from sqlalchemy import JSON, false, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from innohub.graphql.read import build, paging


class Page:
    """The rows of one page as a table: an item for everything selected of a row, what its cursor
    holds, and where it is needed its place in the order."""

    def __init__(self, table: Any, asked: paging.Page, *, more: bool) -> None:
        self._asked, self._more = asked, more
        if more or asked.backward:
            place = func.row_number().over().label("place")
            table = select(*table.c, place).subquery()
        self.table = table
        self.items = [column for column in table.c if column.key.startswith("item_")]

    def each(self, item: Any) -> Any:
        """An array of the item of every row, but for the one too many."""
        place = self.table.c.get("place")
        return build.listed(
            item,
            order=place.desc() if self._asked.backward else None,
            where=place <= paging.literal(self._asked.size) if self._more else None,
        )

    def cursor(self) -> Any:
        return build.cursor(self.table.c.held)

    def info(self) -> dict[str, Any]:
        """The fields of a PageInfo."""
        size, back = self._asked.size, self._asked.backward
        further = func.count() > paging.literal(size)
        last = func.least(func.count(), paging.literal(size))
        first = paging.literal(min(size, 1))
        start, end = (last, first) if back else (first, last)
        return {
            "hasNextPage": _flag(self._asked.before is not None) if back else further,
            "hasPreviousPage": further if back else _flag(self._asked.after is not None),
            "startCursor": self._cursor_at(start),
            "endCursor": self._cursor_at(end),
        }

    def _cursor_at(self, place: Any) -> Any:
        """Of the row at a place counted from 1; null where there is none."""
        held = self.table.c.held
        if self._asked.backward:
            # Where one aggregate is ordered, the others meet the rows in that order too.
            held = aggregate_order_by(held, self.table.c.place)
        cursors = func.array_agg(held, type_=ARRAY(JSON))
        return build.cursor(cursors[place])


def _flag(value: bool) -> Any:
    return true() if value else false()
