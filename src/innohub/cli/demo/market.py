"""The market as the demonstration goes through it: who acts, and what there is so far."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from innohub.cli.calling import Machine
from innohub.cli.demo.accounts import Accounts, Login
from innohub.cli.demo.callers import Person
from innohub.cli.demo.listing import new_name
from innohub.cli.demo.receiving import ReceivingSystem
from innohub.cli.demo.trials import Pilot
from innohub.market.working_days import london_date

SUPPLIER = "Plovergate Imaging"
FORCE = "Westmarch Police"
OTHER_FORCE = "Northmere Constabulary"
COMPANY = "Police Market Company"
BOARD = "Police Innovation Board"

LEAD = "Force innovation lead"
OWNER = "Force senior responsible owner"
ANALYST = "Force analyst"
REVIEWER = "Force assurance reviewer"


@dataclass(frozen=True)
class Row:
    """A line of the final table."""

    step: str
    happened: str
    proof: str
    ok: bool = True


@dataclass(frozen=True)
class Listing:
    id: str
    slug: str
    name: str


@dataclass(frozen=True)
class BoardRound:
    id: str
    number: int


@dataclass
class Market:
    """Callers are made when they first act, and closed with `stack`."""

    hub: str
    accounts: Accounts
    stack: ExitStack
    name: str = field(default_factory=new_name)
    """Of the technology that is published this time."""
    assurance_items: list[str] = field(default_factory=list)
    """The ids of what its supplier declared."""
    _people: dict[str, Person] = field(default_factory=dict)
    _machines: dict[str, Machine] = field(default_factory=dict)
    _receiver: ReceivingSystem | None = None
    _listing: Listing | None = None
    _round: BoardRound | None = None
    pilots: list[Pilot] = field(default_factory=list)

    def person(self, role: str, organisation: str, number: int = 0) -> Person:
        """Somebody with that role, signed in."""
        return self.signed_in(self.accounts.all(role, organisation)[number])

    def signed_in(self, login: Login) -> Person:
        if login.email not in self._people:
            person = Person(self.hub, login)
            self._people[login.email] = person
            self.stack.enter_context(person)
        return self._people[login.email]

    def machine(self, organisation: str) -> Machine:
        """The organisation's API client; it has no token before `authorise`."""
        if organisation not in self._machines:
            machine = Machine(self.hub, self.accounts.client(organisation))
            self._machines[organisation] = machine
            self.stack.enter_context(machine)
        return self._machines[organisation]

    @property
    def today(self) -> date:
        """In London, where the hub counts its days."""
        return london_date(datetime.now(UTC))

    @property
    def listing(self) -> Listing:
        assert self._listing is not None, "published by an earlier step"
        return self._listing

    @listing.setter
    def listing(self, listing: Listing) -> None:
        self._listing = listing

    @property
    def receiver(self) -> ReceivingSystem:
        assert self._receiver is not None, "connected by an earlier step"
        return self._receiver

    @receiver.setter
    def receiver(self, receiver: ReceivingSystem) -> None:
        self._receiver = receiver

    @property
    def round(self) -> BoardRound:
        assert self._round is not None, "planned by an earlier step"
        return self._round

    @round.setter
    def round(self, round: BoardRound) -> None:
        self._round = round
