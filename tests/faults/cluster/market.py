"""What the cluster's database holds before it starts: pilots that run, and a connection."""

from dataclasses import dataclass

from starlette.responses import Response

from innohub.db.engine import create_engine
from innohub.db.unit_of_work import utc_now
from innohub.hub.database import database_of
from innohub.hub.wiring import Hub
from innohub.identity import sessions
from innohub.settings import Settings
from innohub.web.security import cookies
from tests.factories import Somebody
from tests.faults.cluster.receiver import CLIENT, SECRET, Receiver
from tests.hub.scene import a_connection
from tests.market.pilots.cast import Cast, a_cast

PILOTS = 6
EVENTS = ["pilot.paused", "pilot.resumed"]


@dataclass(frozen=True)
class Market:
    """Ids of running pilots, and the cookie of the officer who may pause them."""

    pilots: tuple[int, ...]
    cookie: str
    analyst: str


async def fill(settings: Settings, receiver: Receiver, url: str) -> Market:
    assert settings.database_url is not None
    engine = create_engine(settings.database_url, settings)
    try:
        database = database_of(engine, clock=utc_now)
        cast = await a_cast(database)
        pilots = [
            (await cast.running(overlap_choice="independent_check")).id for _ in range(PILOTS)
        ]
        admin = Somebody(None, cast.supplier, cast["supplier_admin"])
        supplied = await a_connection(
            database,
            Hub.of(settings),
            url,
            admin=admin,
            event_types=EVENTS,
            max_attempts=50,
            config={"endpoint": f"{url}/events", "token_url": f"{url}/token", "client_id": CLIENT},
            secrets={"client_secret": SECRET},
        )
        receiver.inbox.signing_secret = supplied.signing_secret
        officer, analyst = [await _signed_in(cast, settings, who) for who in ("sro", "analyst")]
    finally:
        await engine.dispose()
    return Market(tuple(pilots), officer, analyst)


async def _signed_in(cast: Cast, settings: Settings, part: str) -> str:
    person_id = cast[part].person_id
    assert person_id is not None
    async with cast.database.session() as session, session.begin():
        opened = await sessions.begin(session, person_id, now=utc_now(), hours=12)
    response = Response()
    cookies.write(response, cookies.SESSION, opened.token, settings)
    return response.headers["set-cookie"].partition(";")[0]
