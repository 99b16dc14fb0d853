"""The digests of this week, so that the demonstration's mailbox holds one from the beginning."""

from innohub.identity.actor import SYSTEM
from innohub.market.decisions.digest.composing import compose
from innohub.market.decisions.digest.periods import period_of
from innohub.market.working_days import london_date
from innohub.notices.preferences import readers_of_digests
from innohub.seed.telling.stage import Stage
from innohub.settings import Settings


async def write_digests(stage: Stage, settings: Settings) -> None:
    """As on a working-day morning, whatever day it is: everybody who gets a digest has this
    period's. The worker brings them to the mailbox."""
    today = london_date(stage.clock())
    async with stage.database.session() as session:
        readers = await readers_of_digests(session)
    for person_id, cadence in readers:
        async with stage.database.unit_of_work(SYSTEM.signature()) as work:
            await compose(work, person_id, period_of(cadence, today), settings.base_url)
