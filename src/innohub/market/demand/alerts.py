"""Who is told of what happens in a pooled demand room, beside those who read its page."""

from collections.abc import Collection, Iterable

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.models import Role
from innohub.market.catalogue.models import Technology
from innohub.market.demand.loading import asked_of, names_of, standing_of
from innohub.market.demand.models import CallOff, Pool, PoolAward
from innohub.market.quotes.models import Quote
from innohub.market.quotes.pricing import Tier
from innohub.market.working_days import in_words
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify, notify_role

BUYERS = (Role.FORCE_COMMERCIAL,)
SELLERS = (Role.SUPPLIER_ADMIN,)
COMPANY = (Role.COMMERCIAL_MANAGER,)


async def opened(work: UnitOfWork, pool: Pool) -> None:
    """Every force's commercial lead: anybody may want it."""
    text = f"Forces may buy together: “{pool.title}”. Say what yours would want."
    await _tell_roles(work, pool, BUYERS, text, "opened")


async def quotes_asked(work: UnitOfWork, pool: Pool, suppliers: Iterable[int]) -> None:
    assert pool.quotes_by is not None
    text = f"Forces ask for your quote: “{pool.title}”. Quote by {in_words(pool.quotes_by)}."
    await _tell(work, pool, suppliers, SELLERS, text, "asked")


async def quoted(work: UnitOfWork, pool: Pool, quote: Quote, technology: Technology) -> None:
    text = f"A quote for {technology.name} came in for “{pool.title}”."
    await _tell_roles(work, pool, COMPANY, text, f"quote:{quote.id}")


async def committing(work: UnitOfWork, pool: Pool) -> None:
    assert pool.commit_by is not None
    text = f"There are prices for “{pool.title}”. Commit your force by {in_words(pool.commit_by)}."
    await _tell_roles(work, pool, BUYERS, text, "committing")


async def tier_reached(work: UnitOfWork, pool: Pool, quote: Quote, tier: Tier) -> None:
    """Once for each tier of each quote."""
    text = (
        f"“{pool.title}” has reached {tier.from_quantity:,} units: a unit costs "
        f"{_pounds(tier.unit_price_pence)}."
    )
    key = f"tier:{quote.id}:{tier.from_quantity}"
    await _tell(work, pool, await standing_of(work, pool), BUYERS, text, key)
    await _tell(work, pool, [quote.supplier_id], SELLERS, text, key)
    await _tell_roles(work, pool, COMPANY, text, key)


async def award_proposed(work: UnitOfWork, pool: Pool, forces: Iterable[int]) -> None:
    text = f"The award of “{pool.title}” is proposed. It needs your force’s agreement."
    await _tell(work, pool, forces, BUYERS, text, f"proposed:{work.now}")


async def all_agreed(work: UnitOfWork, pool: Pool) -> None:
    text = f"Every force with a binding quantity agrees: award “{pool.title}”."
    await _tell_roles(work, pool, COMPANY, text, f"agreed:{work.now}")


async def awarded(work: UnitOfWork, pool: Pool, quote: Quote, award: PoolAward) -> None:
    assert award.call_off_until is not None
    price = _pounds(award.unit_price_pence)
    text = (
        f"“{pool.title}” is awarded at {price} a unit. Forces call off until "
        f"{in_words(award.call_off_until)}."
    )
    await _tell(work, pool, await standing_of(work, pool), BUYERS, text, "awarded")
    await _tell(work, pool, [quote.supplier_id], SELLERS, text, "awarded")


async def failed(work: UnitOfWork, pool: Pool) -> None:
    """The forces that would have bought, and the suppliers that were asked."""
    text = (
        f"“{pool.title}” came to no award: too little was binding. Quotes to single forces stand."
    )
    await _tell(work, pool, await standing_of(work, pool), BUYERS, text, "failed")
    await _tell(work, pool, await asked_of(work, pool), SELLERS, text, "failed")


async def joined_late(work: UnitOfWork, pool: Pool, quote: Quote, force_id: int) -> None:
    name = (await names_of(work, [force_id]))[force_id]
    text = f"{name} joined “{pool.title}” after the award."
    key = f"joined:{force_id}:{work.now}"
    await _tell(work, pool, [quote.supplier_id], SELLERS, text, key)
    await _tell_roles(work, pool, COMPANY, text, key)


async def called_off(work: UnitOfWork, pool: Pool, quote: Quote, row: CallOff) -> None:
    name = (await names_of(work, [row.force_id]))[row.force_id]
    text = f"{name} calls off {row.quantity:,} units from “{pool.title}”."
    await _tell(work, pool, [quote.supplier_id], SELLERS, text, f"call_off:{row.number}")


async def closed(work: UnitOfWork, pool: Pool) -> None:
    text = f"The term of “{pool.title}” has ended. Have what was saved signed."
    await _tell(work, pool, await standing_of(work, pool), BUYERS, text, "closed")
    await _tell_roles(work, pool, COMPANY, text, "closed")


async def _tell(
    work: UnitOfWork,
    pool: Pool,
    organisations: Iterable[int],
    roles: Collection[Role],
    text: str,
    key: str,
) -> None:
    for id in sorted(set(organisations)):
        await notify(
            work,
            kind=NoticeKind.POOL,
            organisation_id=id,
            roles=roles,
            text=text,
            path=f"/pools/{pool.id}",
            key=f"pool:{pool.id}:{key}",
        )


async def _tell_roles(
    work: UnitOfWork, pool: Pool, roles: Collection[Role], text: str, key: str
) -> None:
    await notify_role(
        work,
        kind=NoticeKind.POOL,
        roles=roles,
        text=text,
        path=f"/pools/{pool.id}",
        key=f"pool:{pool.id}:{key}",
    )


def _pounds(pence: int) -> str:
    whole, rest = divmod(pence, 100)
    return f"£{whole:,}.{rest:02}" if rest else f"£{whole:,}"
