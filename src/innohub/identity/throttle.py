"""Failed sign-ins, counted so that guessing gets nowhere and nobody can lock out anybody else.

A browser in which somebody came in before carries a mark of that (the device cookie of OWASP's
Authentication Cheat Sheet), and has a counter of its own: whatever strangers try elsewhere, it is
never refused for that. Everybody else is counted three times: for the e-mail address at this place;
for the address from anywhere, so that ten thousand machines guess no more than a few; and for the
place, so that one machine does not try one password on everybody.

The counters stand in PostgreSQL, so that all web processes share them, in a table that is not
logged: a crash of the server forgets them, which loosens for a moment a limit that argon2 backs up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import Row, case, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import Database
from innohub.errors import Denied
from innohub.identity.models import SignInCounter
from innohub.identity.tokens import fingerprint

Key = tuple[str, str]

AT_ONE_PLACE = 5
FROM_ANYWHERE = 20
BY_ONE_PLACE = 200
"""A force's whole shift may stand behind one address; whoever comes in is taken off again."""
KNOWN_BROWSER = 10


@dataclass(frozen=True)
class Bound:
    """A counter, and how far it may go."""

    key: Key
    limit: int


def bounds_of(name: str, address: str, device: str | None) -> tuple[Bound, ...]:
    """What an attempt counts for. `device`: the mark of a browser that `name` came in by before."""
    if device is not None:
        return (Bound(("a known browser", device), KNOWN_BROWSER),)
    key = key_of(name, address)
    return (
        Bound(key, AT_ONE_PLACE),
        Bound((key[0], "from anywhere"), FROM_ANYWHERE),
        Bound(("by one place", key[1]), BY_ONE_PLACE),
    )


class TooManyAttempts(Denied):
    """Too many failures in a short while; `retry_after` seconds are left to wait."""

    code = "too_many_attempts"
    status = 429

    def __init__(self, retry_after: int) -> None:
        minutes = -(-retry_after // 60)
        wait = "a minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(f"Too many attempts. Wait {wait}, then try again.")
        self.retry_after = retry_after


class Throttle:
    """At most `limit` attempts for a key within a window that starts with the first of them: one
    count for all processes of the hub."""

    def __init__(
        self, database: Database, *, limit: int = 5, window: timedelta = timedelta(minutes=15)
    ) -> None:
        self._database = database
        self._limit = limit
        self._length = window

    async def attempt(self, key: Key, now: datetime) -> None:
        """Count an attempt for one counter; see `attempt_all`."""
        await self.attempt_all((Bound(key, self._limit),), now)

    async def attempt_all(self, bounds: Sequence[Bound], now: datetime) -> None:
        """Count an attempt before it is judged, so that simultaneous ones cannot slip by.

        Raises TooManyAttempts once a limit is used up; refused attempts count for nothing, so that
        they neither prolong the wait nor use up what others share.
        """
        limits = {mark_of(bound.key): bound.limit for bound in bounds}
        async with self._database.session() as session, session.begin():
            windows = await self._locked(session, sorted(limits), now)
            full = [one.ends_at for one in windows if one.attempts >= limits[one.mark]]
            if full:
                # A refused attempt leaves nothing behind: this takes back the rows, too.
                raise TooManyAttempts(max(1, int((max(full) - now).total_seconds())))
            await session.execute(
                update(SignInCounter)
                .where(SignInCounter.mark.in_(limits))
                .values(attempts=SignInCounter.attempts + 1)
                .execution_options(synchronize_session=False)
            )

    async def succeeded(self, key: Key) -> None:
        """Forget the failures: the person is who they say."""
        await self.came_in((Bound(key, self._limit),))

    async def came_in(self, bounds: Sequence[Bound]) -> None:
        """The person is who they say: their own failures are forgotten, and the counters that they
        share with others are one lower."""
        own, *shared = [mark_of(bound.key) for bound in bounds]
        async with self._database.session() as session, session.begin():
            # In the order in which an attempt takes them, so that nobody waits in a circle.
            held = select(SignInCounter.mark).where(SignInCounter.mark.in_([own, *shared]))
            await session.execute(held.order_by(SignInCounter.mark).with_for_update())
            await session.execute(delete(SignInCounter).where(SignInCounter.mark == own))
            await session.execute(
                update(SignInCounter)
                .where(SignInCounter.mark.in_(shared), SignInCounter.attempts > 0)
                .values(attempts=SignInCounter.attempts - 1)
                .execution_options(synchronize_session=False)
            )

    async def _locked(
        self, session: AsyncSession, marks: Sequence[str], now: datetime
    ) -> Sequence[Row[str, int, datetime]]:
        """The counters, each with a window that is open now, locked until the transaction ends."""
        over = SignInCounter.ends_at <= now
        opened = insert(SignInCounter).values(
            [
                {"mark": mark, "attempts": 0, "ends_at": now + self._length, "created_at": now}
                for mark in marks
            ]
        )
        stated = opened.on_conflict_do_update(
            index_elements=["mark"],
            set_={
                "attempts": case((over, 0), else_=SignInCounter.attempts),
                "ends_at": case((over, opened.excluded.ends_at), else_=SignInCounter.ends_at),
            },
        ).returning(SignInCounter.mark, SignInCounter.attempts, SignInCounter.ends_at)
        return (await session.execute(stated)).all()


def mark_of(key: Key) -> str:
    """What is kept of a key: no list of the e-mail addresses that somebody tried."""
    return fingerprint("\n".join(key))


def key_of(email: str, address: str) -> Key:
    """The counter's key: case folded, and an IPv6 address by its /64, which one household owns."""
    return email.casefold(), place_of(address)


def place_of(address: str) -> str:
    """Where a request comes from: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed.packed[:8] + bytes(8), 64)))
