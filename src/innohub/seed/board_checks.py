"""What must hold of the board rounds in the demonstration market."""

from collections.abc import Iterator

from innohub.identity.models import Role
from innohub.seed.market import Story
from innohub.seed.rounds import (
    CAP_WITHOUT_RESULT,
    EVIDENCE_CAP,
    SMS_OF_DESIGN,
    ScoreSheet,
    StoryRound,
)

NEEDS_DECLINE_REASON = {"deferred_for_evidence", "declined"}


def check_rounds(story: Story) -> Iterator[str]:
    """Each round's rules, people, scores, moderation and decisions."""
    for round_ in story.rounds:
        problems = [
            *_rules(story, round_), *_people(story, round_), *_declared(story, round_),
            *_sheets(story, round_), *_moderation(round_), *_decisions(round_),
        ]  # fmt: skip
        yield from (f"round {round_.slug}: {problem}" for problem in problems)


def best_grade(story: Story, technology: str, by_day: int) -> int | None:
    """The best Maryland grade of a result of `technology` published by `by_day`; None: no result.

    Trials from the literature tested other products, so they do not count for a listing.
    """
    grades = [
        SMS_OF_DESIGN[pilot.design]
        for pilot in story.pilots
        if pilot.technology == technology
        and pilot.source == "demonstration"
        and pilot.timeline.published_day is not None
        and pilot.timeline.published_day <= by_day
    ]
    return max(grades, default=None)


def _rules(story: Story, round_: StoryRound) -> Iterator[str]:
    weights = sum(criterion.weight for criterion in round_.criteria)
    if weights != 100:
        yield f"the weights sum to {weights}, not 100"
    known = story.reference["board_criterion"].by_id
    for criterion in round_.criteria:
        if criterion.id not in known:
            yield f"unknown criterion {criterion.id}"
    days = [day for day in round_.timeline.model_dump().values() if day is not None]
    if days != sorted(days):
        yield "its days are out of order"
    for item in round_.items:
        technology = story.technology.get(item.technology)
        if technology is None:
            yield f"unknown technology {item.technology}"
        elif technology.status != "published":
            yield f"the technology {item.technology} is {technology.status}"
        if (item.gate_failed is None) != (item.gate_reason is None):
            yield f"the gate of {item.technology} needs both its name and its reason"


def _people(story: Story, round_: StoryRound) -> Iterator[str]:
    if len(set(round_.members)) < round_.rules.quorum:
        yield f"has {len(set(round_.members))} members, under its quorum of {round_.rules.quorum}"
    voting = {Role.BOARD_CHAIR, Role.BOARD_MEMBER}
    for email in round_.members:
        person = story.person.get(email)
        if person is None or not any(seat.role in voting for seat in person.memberships):
            yield f"{email} is not a voting member of the board"
    items = {item.technology for item in round_.items}
    for interest in round_.interests:
        if interest.member not in round_.members or interest.item not in items:
            yield f"an interest of {interest.member} in {interest.item} is not of this round"


def _declared(story: Story, round_: StoryRound) -> Iterator[str]:
    if round_.timeline.declared_day is None:
        return
    declared = {(interest.member, interest.item) for interest in round_.interests}
    for item in round_.items:
        ran = {pilot.force for pilot in story.pilots if pilot.technology == item.technology}
        for email in round_.members:
            person = story.person.get(email)
            if person is None or person.employer is None or person.employer not in ran:
                continue
            if (email, item.technology) not in declared:
                yield f"{email} has not declared that {person.employer} piloted {item.technology}"


def _sheets(story: Story, round_: StoryRound) -> Iterator[str]:
    pairs = [(sheet.member, sheet.item) for sheet in round_.scores]
    for member, item in sorted({pair for pair in pairs if pairs.count(pair) > 1}):
        yield f"{member} scored {item} twice"
    for sheet in round_.scores:
        who = f"{sheet.member} on {sheet.item}"
        yield from (f"{who}: {problem}" for problem in _sheet(story, round_, sheet))
    if round_.state != "final":
        return
    for candidate in round_.items:
        count = sum(item == candidate.technology for _, item in pairs)
        if candidate.gate_failed is None and count < round_.rules.min_independent_scores:
            yield f"{candidate.technology} has {count} independent scores"
        if candidate.gate_failed is not None and count:
            yield f"{candidate.technology} was scored though it failed a gate"


def _sheet(story: Story, round_: StoryRound, sheet: ScoreSheet) -> Iterator[str]:
    if sheet.member not in round_.members:
        yield "is not a member of the round"
    if sheet.member in round_.recused(sheet.item):
        yield "scored though recused"
    if set(sheet.criteria) != {criterion.id for criterion in round_.criteria}:
        yield "the criteria are not those of the round"
    for id_, score in sheet.criteria.items():
        if len(score.reason) < round_.rules.reason_min_chars:
            yield f"the reason for {id_} is shorter than the rule allows"
    grade = best_grade(story, sheet.item, round_.timeline.cut_off_day)
    cap = CAP_WITHOUT_RESULT if grade is None else EVIDENCE_CAP[grade]
    evidence = sheet.criteria.get("evidence_of_effect")
    if evidence is not None and evidence.score > cap:
        yield f"{evidence.score} for evidence is over the cap of {cap}"


def _moderation(round_: StoryRound) -> Iterator[str]:
    moderated = {(entry.item, entry.criterion) for entry in round_.moderation}
    due = {
        (item.technology, criterion.id)
        for item in round_.items
        for criterion in round_.criteria
        if round_.far_apart(item.technology, criterion.id)
    }
    for item_slug, criterion_id in sorted(due - moderated):
        yield f"{criterion_id} of {item_slug} needs moderation"
    for item_slug, criterion_id in sorted(moderated - due):
        yield f"{criterion_id} of {item_slug} was moderated without need"


def _decisions(round_: StoryRound) -> Iterator[str]:
    if round_.state != "final":
        if round_.decisions or round_.scores:
            yield f"is {round_.state} and has scores or decisions"
        return
    decided = [decision.item for decision in round_.decisions]
    if sorted(decided) != sorted(item.technology for item in round_.items):
        yield "does not decide on each candidate once"
    gates = {item.technology: item.gate_failed for item in round_.items}
    for entry in round_.decisions:
        if (entry.decline_reason is not None) != (entry.decision in NEEDS_DECLINE_REASON):
            yield f"the decline_reason of {entry.item} does not suit {entry.decision}"
        if entry.decision not in {"shortlisted", "reserve"} or entry.item not in gates:
            continue
        if gates[entry.item] is not None:
            yield f"{entry.item} is {entry.decision} though it failed a gate"
        elif not _passes(round_, entry.item):
            yield f"{entry.item} is {entry.decision} below a threshold"


def _passes(round_: StoryRound, item: str) -> bool:
    if not all(round_.given(item, criterion.id) for criterion in round_.criteria):
        return False
    lowest = min(round_.agreed(item, criterion.id) for criterion in round_.criteria)
    return (
        lowest >= round_.rules.threshold_criterion
        and round_.total(item) >= round_.rules.threshold_total
    )
