"""Reviewers of the catalogue keep the words of policing that searches use."""

from sqlalchemy import func, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Invalid, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.finding import policy
from innohub.market.finding.commands import AddSynonyms, ChangeSynonyms, RetireSynonyms
from innohub.market.finding.models import SynonymSet, SynonymUse
from innohub.outbox.service import record


async def add(work: UnitOfWork, actor: Actor, command: AddSynonyms) -> SynonymSet:
    """Raises Denied without `synonym:edit`, Invalid for a set that can change no search."""
    actor.require(Permission.SYNONYM_EDIT)
    await _telling(work, command.use, command.words)
    added = SynonymSet(use=command.use, words=command.words, created_at=work.now)
    work.session.add(added)
    await work.session.flush()
    await _learn(work, command.words)
    detail = {"use": command.use, "words": command.words}
    await record(work, "synonyms:add", added, detail=detail)
    return added


async def change(work: UnitOfWork, actor: Actor, command: ChangeSynonyms) -> SynonymSet:
    """Raises NotFound, Denied, Conflict on a stale revision, WrongState for a retired set, Invalid
    as `add` does."""
    found = await _own(work, actor, command)
    await _telling(work, SynonymUse(found.use), command.words)
    before, found.words = found.words, command.words
    await work.session.flush()
    await _learn(work, command.words)
    detail = {"before": before, "words": command.words}
    await record(work, "synonyms:change", found, detail=detail)
    return found


async def retire(work: UnitOfWork, actor: Actor, command: RetireSynonyms) -> SynonymSet:
    """Raises NotFound, Denied, Conflict on a stale revision, WrongState for a retired set."""
    found = await _own(work, actor, command)
    found.retired_at = work.now
    await record(
        work, "synonyms:retire", found, detail={"words": found.words}, reason=command.reason
    )
    return found


async def _own(
    work: UnitOfWork, actor: Actor, command: ChangeSynonyms | RetireSynonyms
) -> SynonymSet:
    found = await work.session.scalar(
        select(SynonymSet)
        .where(SynonymSet.id == command.set_id, policy.synonyms_visible(SynonymSet, Viewer(actor)))
        .with_for_update()
    )
    if found is None:
        raise NotFound("There is no such set of words.")
    actor.require(Permission.SYNONYM_EDIT)
    if command.revision is not None and command.revision != found.revision:
        raise Conflict("Somebody else changed these words since you opened the page.")
    if found.retired_at is not None:
        raise WrongState("This set is retired. Add a new one.")
    return found


async def _telling(work: UnitOfWork, use: SynonymUse, words: list[str]) -> None:
    """Raise Invalid where a search would make nothing of the words."""
    for word in words:
        nodes = await work.session.scalar(
            select(func.numnode(func.plainto_tsquery("english", word)))
        )
        if not nodes:
            raise Invalid(f"A search leaves out “{word}” in any case.", field="words")
    if use is SynonymUse.ALIKE and len(words) < 2:
        raise Invalid("Give at least two words that stand for each other.", field="words")


async def _learn(work: UnitOfWork, words: list[str]) -> None:
    """So that a mistyped synonym is known again."""
    await work.session.execute(select(func.search_learn(" ".join(words))))
