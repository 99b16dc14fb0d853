"""A walker through the market's machines: listings and pilots by their services, on the real
database, at random; after each step it looks whether anything holds no more that must."""

from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from innohub.db.unit_of_work import Database
from innohub.errors import InnoHubError
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.commands import DraftTechnology
from innohub.market.catalogue.models import LISTING, ListingState, Section, Technology
from innohub.market.evidence import commands as evidence_commands
from innohub.market.evidence import service as evidence
from innohub.market.pilots import commands, service
from innohub.market.pilots.models import PILOT, Pilot
from tests.conftest import Clock
from tests.market import walk_rules
from tests.market.catalogue.stage import draft_fields, section_of
from tests.market.pilots.cast import Cast, request_fields
from tests.market.walk_acts import ACTS, LISTING_ACTS, STARTS, Act, command_of


async def a_draft(cast: Cast) -> Technology:
    """A complete draft of the cast's supplier."""
    admin = cast["supplier_admin"]
    async with cast.database.unit_of_work(admin.signature("test")) as work:
        command = DraftTechnology.parse(draft_fields())
        technology = await catalogue.draft(work, admin, command)
        for section in Section:
            await catalogue.write_section(work, admin, section_of(technology, section))
    return technology


@dataclass
class Walk:
    """One walk: a cast, its listing, and the pilots it has asked for so far."""

    cast: Cast
    clock: Clock
    pilots: list[int] = field(default_factory=list)
    taken: int = 0
    """Steps that were taken, and those that were rightly refused."""
    refused: int = 0

    @property
    def database(self) -> Database:
        return self.cast.database

    async def request(self, part: str, join: int | None = None) -> None:
        """Ask for a pilot; with `join`, choose at once to join that one of the walk's instead."""
        listing = await self._listing()
        choice: dict[str, Any] = {"overlap_choice": "independent_check"}
        if join is not None and self.pilots:
            choice = {
                "overlap_choice": "join_as_site",
                "join_id": self.pilots[join % len(self.pilots)],
                "site": "Thanet",
            }
        fields = request_fields(self.cast, technology_id=listing.id, **choice)
        command = commands.RequestPilot.parse(fields)
        made = await self._try(self.cast.do(part, service.request, command))
        if made is not None:
            assert listing.state is ListingState.PUBLISHED, "a suspended listing started something"
            self.pilots.append(made.id)

    async def act(self, name: str, place: int, part: str | None = None) -> None:
        """Try one step on one of the pilots, by whoever usually takes it or by somebody else."""
        if not self.pilots:
            return
        act, before = ACTS[name], await self._pilot(self.pilots[place % len(self.pilots)])
        listing = await self._listing()
        done = await self._take(act, before, part)
        after = await self._pilot(before.id)
        if done is None:
            assert after.revision == before.revision, f"{name} was refused and left a mark"
            assert after.state is before.state
            return
        assert act.leads(PILOT, before.state, after.state), f"{name} from {before.state}"
        if name in STARTS:
            assert listing.state is ListingState.PUBLISHED, f"{name} while {listing.state}"
        if name == "resume":
            assert listing.state is not ListingState.SUSPENDED, "a suspended listing goes on"

    async def confirm(self, place: int, part: str) -> None:
        """The second analyst's word on the newest result."""
        if not self.pilots:
            return
        pilot = await self._pilot(self.pilots[place % len(self.pilots)])
        async with self.database.unit_of_work(self.cast[part].signature()) as work:
            result = await evidence.newest_result(work, pilot)
        if result is None:
            return
        command = evidence_commands.ConfirmResult(result_id=result.id)
        await self._try(self.cast.do(part, evidence.confirm, command))

    async def act_on_listing(self, name: str, part: str | None = None) -> None:
        """Try one step on the listing."""
        act, before = LISTING_ACTS[name], await self._listing()
        done = await self._take(act, before, part)
        after = await self._listing()
        if done is None:
            assert after.revision == before.revision, f"{name} was refused and left a mark"
            assert after.state is before.state
        else:
            assert act.leads(LISTING, before.state, after.state), f"{name} from {before.state}"

    async def pass_days(self, days: int) -> None:
        """The hub does each time what falls due, as its worker would."""
        self.clock.pass_days(days)
        await service.tend_pilots(self.database)
        await evidence.publish_due(self.database)
        await catalogue.archive_idle(self.database)

    async def look(self) -> None:
        """What must hold after every step."""
        listing = await self._listing()
        async with self.database.session() as session:
            for id in self.pilots:
                await walk_rules.pilot_holds(session, await session.get_one(Pilot, id))
            await walk_rules.ratings_hold(session, listing)
            await walk_rules.listing_holds(session, listing)

    async def states(self) -> list[str]:
        """Where the walk's pilots and its listing stand."""
        pilots = [(await self._pilot(id)).state for id in self.pilots]
        return [*pilots, (await self._listing()).state]

    async def _take(self, act: Act, row: Pilot | Technology, part: str | None) -> Any:
        return await self._try(self.cast.do(part or act.part, act.service, command_of(act, row)))

    async def _try(self, doing: Coroutine[Any, Any, Any]) -> Any:
        try:
            done = await doing
        except InnoHubError:
            self.refused += 1
            return None
        self.taken += 1
        return done

    async def _pilot(self, id: int) -> Pilot:
        return await self.cast.load(Pilot, id)

    async def _listing(self) -> Technology:
        return await self.cast.load(Technology, self.cast.technology.id)
