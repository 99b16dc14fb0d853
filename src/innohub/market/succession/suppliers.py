"""A supplier becomes part of another, and all that it has with it.

What it owes goes along: blocks for results that nobody reported, debarments, interests that
reviewers declared. Nothing of that is washed away by a purchase. What was published stays as it is,
and says under which name it was made (`catalogue.former_suppliers`).
"""

from typing import Any

from sqlalchemy import func, insert, literal, select, update
from sqlalchemy.orm import aliased

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.models import OAuthClient, Organisation
from innohub.identity.oauth.models import OAuthGrant
from innohub.identity.organisations.models import OrganisationSlug
from innohub.market.catalogue.former_suppliers import FormerSupplier
from innohub.market.catalogue.models import Technology
from innohub.market.succession.belongings import BELONGINGS
from innohub.market.succession.connections import keep_connections_apart
from innohub.market.succession.people import move_people
from innohub.outbox.service import record


async def hand_over(work: UnitOfWork, ending: Organisation, successor: Organisation) -> Any:
    """Everything that the one has is the other's. How much that was, by what it is in words.

    In two rounds. The first goes along with everybody's work, and waits for those who are at a
    technology or a pilot of it. For the second nobody can add anything: it takes what was added
    meanwhile, and whoever comes then starts anew (`goes_on` of migration 0110).
    """
    moved = await _round(work, ending, successor)
    await nothing_more(work, ending.id)
    later = await _round(work, ending, successor)
    await work.session.execute(
        update(OrganisationSlug)
        .where(OrganisationSlug.organisation_id == ending.id)
        .values(organisation_id=successor.id)
    )
    return {words: count for words in moved if (count := moved[words] + later[words])}


async def nothing_more(work: UnitOfWork, organisation_id: int) -> None:
    """Wait for all who add something to an organisation, and keep others from it until the end."""
    locked = select(Organisation.id).where(Organisation.id == organisation_id)
    await work.session.execute(locked.with_for_update())


async def _round(work: UnitOfWork, ending: Organisation, successor: Organisation) -> dict[str, int]:
    counted = {"people's roles": await move_people(work, ending.id, successor.id)}
    await work.session.flush()
    await _keep_references_apart(work, ending, successor)
    await _name_before(work, ending, successor)
    await _end_tokens(work, ending, successor)
    await keep_connections_apart(work, ending, successor)
    for one in BELONGINGS:
        done = await _run(work, one.hand_over(ending.id, successor.id))
        if one.words:
            counted[one.words] = done.rowcount
    return counted


async def _run(work: UnitOfWork, statement: Any) -> Any:
    return await work.session.execute(statement.execution_options(synchronize_session=False))


async def _keep_references_apart(
    work: UnitOfWork, ending: Organisation, successor: Organisation
) -> None:
    """Both may have numbered their listings from 1: where a reference of the one is taken, it says
    whose it was. Addresses of technologies are nobody else's anyway."""
    taken = aliased(Technology)
    both = select(taken.supplier_reference).where(taken.supplier_id == successor.id)
    await _run(
        work,
        update(Technology)
        .where(
            Technology.supplier_id == ending.id,
            Technology.supplier_reference.in_(both.correlate_except(taken)),
        )
        .values(supplier_reference=func.concat(ending.slug, ":", Technology.supplier_reference)),
    )


async def _name_before(work: UnitOfWork, ending: Organisation, successor: Organisation) -> None:
    """Keep under whose name technologies stood, and let them be found by the successor's too."""
    theirs = select(Technology.id, literal(ending.id), literal(work.now)).where(
        Technology.supplier_id == ending.id
    )
    columns = ["technology_id", "supplier_id", "created_at"]
    await _run(work, insert(FormerSupplier).from_select(columns, theirs))
    await _run(
        work,
        update(Technology)
        .where(Technology.supplier_id == ending.id)
        .values(search_text=func.concat(Technology.search_text, "\n", successor.name)),
    )


async def _end_tokens(work: UnitOfWork, ending: Organisation, successor: Organisation) -> None:
    """What was issued for the one is worth nothing with the other: each client signs in anew, and
    people allow it anew. From then on it acts for the successor."""
    found = select(OAuthClient).where(OAuthClient.organisation_id == ending.id)
    for client in await work.session.scalars(found.order_by(OAuthClient.id).with_for_update()):
        client.token_generation += 1
        ended = await _run(
            work,
            update(OAuthGrant)
            .where(OAuthGrant.oauth_client_id == client.id, OAuthGrant.revoked_at.is_(None))
            .values(revoked_at=work.now),
        )
        detail = {
            "from_id": ending.id,
            "to_id": successor.id,
            "consents_ended": ended.rowcount,
        }
        await record(work, "client:hand_over", client, detail=detail)
