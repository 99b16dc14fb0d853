"""What must hold of the board rounds in the demonstration market."""

from collections.abc import Iterator

from innohub.identity.models import OrganisationKind
from innohub.identity.permissions import OF_ROLE, Permission
from innohub.market.board.models import BoardDecision, RoundState
from innohub.market.board.ranking import EVIDENCE, decisions, evidence_cap, flagged
from innohub.market.catalogue.models import ListingState
from innohub.market.evidence.grading import maryland_grade
from innohub.seed.market import Story
from innohub.seed.rounds import ScoreSheet, StoryRound


def check_rounds(story: Story) -> Iterator[str]:
    """Each round's rules, people, scores and decisions."""
    for round_ in story.rounds:
        problems = [
            *_rules(story, round_), *_people(story, round_), *_declared(story, round_),
            *_sheets(story, round_), *_moderated(round_), *_reviewed(round_),
            *(_decisions(round_) if round_.decided else _undecided(round_)),
        ]  # fmt: skip
        yield from (f"round {round_.slug}: {problem}" for problem in problems)


def best_grade(story: Story, technology: str, by_day: int) -> int | None:
    """The best Maryland grade of a result of `technology` published by `by_day`, or None."""
    grades = [
        maryland_grade(pilot.design)
        for pilot in story.pilots
        if pilot.technology == technology
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
        elif technology.status is not ListingState.PUBLISHED:
            yield f"the technology {item.technology} is {technology.status}"


def _people(story: Story, round_: StoryRound) -> Iterator[str]:
    if len(set(round_.members)) < round_.rules.quorum:
        yield f"has {len(set(round_.members))} members, under its quorum of {round_.rules.quorum}"
    boards = {row.slug for row in story.organisations if row.kind is OrganisationKind.BOARD}
    for email in round_.members:
        person = story.person.get(email)
        seats = [] if person is None else person.memberships
        scores = [seat for seat in seats if Permission.ROUND_SCORE in OF_ROLE[seat.role]]
        if not any(seat.organisation in boards for seat in scores):
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
    if round_.decided:
        for candidate in round_.items:
            count = sum(item == candidate.technology for _, item in pairs)
            if count < round_.rules.min_scores_per_item:
                yield f"{candidate.technology} has {count} independent scores"


def _sheet(story: Story, round_: StoryRound, sheet: ScoreSheet) -> Iterator[str]:
    if sheet.member not in round_.members:
        yield "is not a member of the round"
    if sheet.member in round_.recused(sheet.item):
        yield "scored though recused"
    if set(sheet.criteria) != {criterion.id for criterion in round_.criteria}:
        yield "the criteria are not those of the round"
    cap = evidence_cap(best_grade(story, sheet.item, round_.timeline.cut_off_day))
    evidence = sheet.criteria.get(EVIDENCE)
    if evidence is not None and evidence.score > cap:
        yield f"{evidence.score} for evidence is over the cap of {cap}"


def _moderated(round_: StoryRound) -> Iterator[str]:
    """Where scores lie two or more apart there is a record; more than half approved it."""
    written = {(one.item, one.criterion): one for one in round_.moderation}
    for item in round_.items:
        for criterion in round_.criteria:
            given = round_.given(item.technology, criterion.id)
            place = (item.technology, criterion.id)
            if round_.decisions and given and flagged(given) and place not in written:
                yield f"{place[0]}, {place[1]}: scores lie apart and nobody moderated them"
    for place, one in written.items():
        scored = {sheet.member for sheet in round_.scores if sheet.item == place[0]}
        if set(one.dissenting) - scored:
            yield f"{place[0]}, {place[1]}: somebody who did not score it does not approve"
        if 2 * len(one.dissenting) >= len(scored):
            yield f"{place[0]}, {place[1]}: the record is not approved by more than half"


def _undecided(round_: StoryRound) -> Iterator[str]:
    if round_.decisions or round_.reviews:
        yield f"is {round_.state} and has decisions or reviews"
    if round_.scores and round_.state is not RoundState.SCORING:
        yield f"is {round_.state} and has scores"


def _reviewed(round_: StoryRound) -> Iterator[str]:
    for review in round_.reviews:
        if (review.decided_day is None) != (review.outcome is None):
            yield f"the review of {review.item} has an outcome without a day, or a day without one"


def _decisions(round_: StoryRound) -> Iterator[str]:
    decided = [decision.item for decision in round_.decisions]
    if sorted(decided) != sorted(item.technology for item in round_.items):
        yield "does not decide on each candidate once"
    standings = round_.standings()
    by_rule = decisions(list(standings.values()), round_.rules.places, ())
    for entry in round_.decisions:
        if entry.item not in standings:
            continue
        rule = by_rule[standings[entry.item].id]
        allowed = {rule}
        if rule is BoardDecision.DECLINED:
            allowed.add(BoardDecision.DEFERRED_FOR_EVIDENCE)
        if entry.decision not in allowed:
            yield f"{entry.item} is {entry.decision}, but by the rules it is {rule}"
