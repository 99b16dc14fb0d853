"""Which situations a connector's recording must hold, and whether a case is what it says."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from innohub.hub.conformance.recording import Case, Recording, Situation
from innohub.hub.connectors.answers import Document, rule_for
from innohub.hub.connectors.contract import OutcomeClass
from innohub.hub.connectors.manifest import Manifest, Rule
from innohub.hub.delivery.conversation import Sent

S = Situation
MEETS = {
    S.THROTTLED: OutcomeClass.THROTTLED,
    S.TOKEN_REFUSED: OutcomeClass.AUTH_EXPIRED,
    S.REJECTED: OutcomeClass.REJECTED,
    S.CONFLICT: OutcomeClass.CONFLICT,
    S.LOST_ANSWER: OutcomeClass.UNKNOWN,
}
"""What an answer of the case must have come to."""
ENDS_WELL = (S.CREATED, S.UPDATED, S.ALREADY_THERE, S.TOKEN_REFUSED)


@dataclass(frozen=True)
class Seen:
    """A case that was run."""

    case: Case
    sent: Sent
    answers: list[Document]


def required(manifest: Manifest) -> Iterator[Situation]:
    """The situations that a recording of this connector cannot do without."""
    yield from (S.CREATED, S.LOST_ANSWER, S.THROTTLED, S.REJECTED)
    if manifest.keeps_records:
        yield from (S.UPDATED, S.ALREADY_THERE)
    if manifest.authorise is not None:
        yield S.TOKEN_REFUSED
    if manifest.conditional is not None:
        yield S.CONFLICT
    if manifest.create is not None:
        yield S.DUPLICATE
    if manifest.limits is not None:
        yield S.LIMITS


def missing(manifest: Manifest, seen: Iterable[Seen], recorded: Recording) -> list[str]:
    """What no case is about: situations, and rules of the manifest that never held; and the lists,
    where they are not recorded."""
    cases = list(seen)
    told = {each.case.situation for each in cases}
    found = [f"no case is about {each.value}" for each in required(manifest) if each not in told]
    if manifest.listing is not None and recorded.listing is None:
        found.append("the listing is not recorded")
    if manifest.inbound and manifest.inbound.poll and recorded.poll is None:
        found.append("the poll is not recorded")
    if manifest.inbound and manifest.inbound.comments and recorded.comments is None:
        found.append("the comments are not recorded")
    fired: list[Rule] = []
    for each in cases:
        held = (rule_for(manifest.answers, answer) for answer in each.answers)
        fired += [rule for rule in held if rule is not None]
    return found + [
        f"no answer makes the rule hold: {rule.when.source}"
        for rule in manifest.answers.rules
        if not any(rule is each for each in fired)
    ]


def mislabelled(seen: Seen) -> list[str]:
    """Where a case does not show the situation that it names."""
    situation, sent = seen.case.situation, seen.sent
    met = {exchange.outcome.kind for exchange in sent.exchanges}
    doubted = situation is S.LOST_ANSWER and seen.case.in_doubt
    needed = MEETS.get(situation)
    shows = needed is None or needed in met or doubted
    if situation in ENDS_WELL:
        shows = shows and sent.outcome.kind is OutcomeClass.OK
    if situation is S.LIMITS:
        shows = shows and sent.outcome.rest_seconds is not None
    return [] if shows else [f"it is no case of {situation.value}: {sent.outcome.detail}"]
