"""The draft of a preliminary market engagement notice (UK2, Procurement Act 2023, section 17), in
plain text: the force's commercial team completes and publishes it on the central platform."""

from collections.abc import Sequence

from innohub.market.challenges.models import Challenge
from innohub.market.working_days import in_words


def drafted(
    challenge: Challenge, sponsors: Sequence[str], kpi: str, category: str, unit: str
) -> str:
    """`sponsors`: the forces' names, the owner first. `kpi` and `category` are labels."""
    assert challenge.respond_by is not None
    owner, *others = sponsors
    measured = "per cent" if unit == "percent" else unit
    lines = [
        "UK2: Preliminary market engagement notice (draft)",
        f"Title: {challenge.title}",
        f"Contracting authority: {owner}",
    ]
    if others:
        lines.append(f"Together with: {', '.join(others)}")
    lines += [
        f"What is needed: {challenge.problem}",
        f"Outcome sought: {kpi}, today {challenge.baseline_value:g} {measured}",
        f"Constraints: {challenge.constraints}",
        f"Kind of technology: {category}",
        f"Estimated value without VAT: {budget_in_words(challenge)}",
        "Purpose of the engagement: to learn what suppliers can offer, and to plan pilots. "
        "It is no call for competition.",
        f"How to take part: respond on InnoHub by {in_words(challenge.respond_by)}. "
        "Questions and answers are public.",
    ]
    return "\n".join(lines)


def budget_in_words(challenge: Challenge) -> str:
    """ "£20,000 to £50,000": pounds, with pence only where there are any."""
    low, high = challenge.budget_from_pence, challenge.budget_to_pence
    assert low is not None
    assert high is not None
    return _pounds(low) if low == high else f"{_pounds(low)} to {_pounds(high)}"


def _pounds(pence: int) -> str:
    whole, rest = divmod(pence, 100)
    return f"£{whole:,}.{rest:02}" if rest else f"£{whole:,}"
