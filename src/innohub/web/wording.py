"""Words, dates and sums as the pages write them: plain British English."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from innohub.market.evidence.grading import WORDS as LOWERED
from innohub.market.evidence.grading import Downgrade

LONDON = ZoneInfo("Europe/London")

WORDS = {
    "CSV": "CSV file",
    "API": "API",
    "DIDNT_WORK": "Did not work",
    "NOT_ASSESSABLE": "Cannot be assessed",
    "OVERDUE_UNREPORTED": "Registered, unreported",
    "JOIN_AS_SITE": "Join as a further site",
    "REPLICATE_DIFFERENT_CONTEXT": "Replicate in a different context",
    "INDEPENDENT_CHECK": "Check it independently",
    "PROCEED_WITH_REASON": "Proceed, with a reason",
    "STOP_NO_BENEFIT": "Stop, as it brings no benefit",
    "STOP_UNSAFE": "Stop, as it is unsafe",
    "STOP_NOT_DELIVERABLE": "Stop, as it cannot be delivered",
    "STOP_EXTERNAL": "Stop, for reasons outside of it",
    "DEAD_LETTER": "Given up",
    "OPEN_FOR_COSPONSORS": "Open to forces",
    "MATCHING": "Being compared",
    "PILOTING": "In pilots",
    "CLOSED_UNMET": "Unmet",
    "COLLECTING": "Collecting demand",
    "QUOTING": "Open to quotes",
    "COMMITTING": "Forces commit",
    "CALLING_OFF": "Forces order",
    "BUDGET_APPROVED": "Approved in the budget",
    "INDICATIVE_QUANTITY": "Likely",
    "CONDITIONAL_ON_PILOT": "If a pilot works",
    "IN_HOUSE": "In-house, by the force itself",
    "DUAL_PARTNERSHIP": "The force with a research partner",
    "MULTI_AGENCY": "Several agencies together",
    "BCU": "Basic command unit",
    "AUTH_EXPIRED": "Authorisation expired",
    "POPULATION_1000": "1,000 residents",
    "PSN": "PSN",
    "PNN": "Police National Network",
    "HSCN": "Health and Social Care Network",
    "JANET": "Janet",
    "SWAN": "Scottish Wide Area Network",
    "OFFICIAL": "OFFICIAL",
    "OFFICIAL_SENSITIVE": "OFFICIAL-SENSITIVE",
    "NPPV1": "NPPV 1",
    "NPPV2_ABBREVIATED": "NPPV 2, abbreviated",
    "NPPV2_FULL": "NPPV 2, full",
    "NPPV3": "NPPV 3",
}
"""Enumerated values whose words are not simply their name."""

GRADES = {
    0: "no comparison",
    1: "before and after, or with and without",
    2: "adjusted comparison",
    3: "before and after with a comparison group",
    4: "comparable units, other factors controlled",
    5: "random assignment",
}
"""The Maryland scale's levels, in short."""

EVERY = {
    "one_off": "once",
    "second": "per second",
    "minute": "per minute",
    "hour": "per hour",
    "day": "per day",
    "week": "per week",
    "month": "per month",
    "quarter": "per quarter",
    "six_months": "every six months",
    "year": "per year",
}


def words(value: Any) -> str:
    """An enumerated value as a reader says it: `CHANGES_REQUESTED` is "Changes requested"."""
    name = str(value)
    known = WORDS.get(name.upper())
    if known is not None:
        return known
    plain = name.replace("_", " ").lower()
    return plain[:1].upper() + plain[1:]


def day(value: Any) -> str:
    """ "2 November 2026", in London for a moment in time; empty for None."""
    found = _date(value)
    return f"{found.day} {found:%B %Y}" if found else ""


def size(value: int) -> str:
    """Bytes, as "340 KB" or "1.2 MB"."""
    kilobytes = max(1, round(value / 1024))
    return f"{kilobytes} KB" if kilobytes < 1024 else f"{value / 1024**2:.1f} MB"


def month(value: Any) -> str:
    """ "November 2026"."""
    found = _date(value)
    return f"{found:%B %Y}" if found else ""


def moment(value: Any) -> str:
    """ "2 November 2026 at 9:05am", in London."""
    if not value:
        return ""
    found = _datetime(value).astimezone(LONDON)
    hour = found.hour % 12 or 12
    return f"{day(value)} at {hour}:{found:%M}{'am' if found.hour < 12 else 'pm'}"


def label_in(value: str, labels: Mapping[str, str]) -> str:
    """The label of a stored value; the value itself where the list lost it."""
    return labels.get(value, value)


def number(value: Any, places: int = 0) -> str:
    """With commas between thousands; `places` behind the point."""
    return f"{value:,.{places}f}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """ "1 pilot", "2 pilots", "no pilots"."""
    shown = "no" if count == 0 else f"{count:,}"
    return f"{shown} {one if count == 1 else many or one + 's'}"


def pounds(pence: int) -> str:
    """ "£1,250", or "£12.50" where there are pence; "−£5" for a debt."""
    if pence < 0:
        return f"\N{MINUS SIGN}{pounds(-pence)}"
    whole, rest = divmod(pence, 100)
    return f"£{whole:,}.{rest:02d}" if rest else f"£{whole:,}"


def in_pounds(pence: Any) -> str:
    """As a form asks for it: "1250" or "12.50"; empty where there is none."""
    if not isinstance(pence, int):
        return ""
    whole, rest = divmod(pence, 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)


def price(band: Any) -> str:
    """ "£1,250 to £3,000 per user per year" of a PriceBand."""
    start, end = band["fromPence"], band["toPence"]
    sums = pounds(start) if start == end else f"{pounds(start)} to {pounds(end)}"
    unit = WORDS.get(band["unit"].upper(), band["unit"].replace("_", " "))
    return f"{sums} per {unit} {EVERY.get(band['interval'], band['interval'])}"


def lowered(reason: str) -> str:
    """Why a grade is lower than the design earns."""
    return LOWERED[Downgrade(reason)]


def grade(value: int | None) -> str:
    """ "5 of 5: random assignment"."""
    return "none yet" if value is None else f"{value} of 5: {GRADES[value]}"


def paragraphs(text: str | None) -> Markup:
    """A person's text as paragraphs, a line beginning with "- " as an item of a list; escaped."""
    blocks = [block for block in re.split(r"\n\s*\n", (text or "").strip()) if block.strip()]
    return Markup("\n").join(_block(block) for block in blocks)


def _block(block: str) -> Markup:
    lines = [line.strip() for line in block.splitlines()]
    if all(line.startswith("- ") for line in lines):
        items = Markup("").join(Markup("<li>{}</li>").format(line[2:]) for line in lines)
        return Markup('<ul class="govuk-list govuk-list--bullet">{}</ul>').format(items)
    broken = Markup("<br>").join(escape(line) for line in lines)
    return Markup('<p class="govuk-body">{}</p>').format(broken)


PLAIN: list[tuple[str, str]] = [
    (r"Field required|String should have at least 1 character", "Enter {the}{label}"),
    (r"String should have at least (\d+) characters?", "{Label} must be {0} characters or more"),
    (r"String should have at most (\d+) characters?", "{Label} must be {0} characters or fewer"),
    (r"Input should be a valid integer.*", "{Label} must be a whole number"),
    (r"Input should be a valid (?:number|decimal).*", "{Label} must be a number"),
    (r"Input should be a finite number", "{Label} must be a number"),
    (r"Input should be a valid (?:date|datetime).*", "{Label} must be a real date"),
    (r"Input should be greater than or equal to (\S+)", "{Label} must be {0} or more"),
    (r"Input should be greater than (\S+)", "{Label} must be more than {0}"),
    (r"Input should be less than or equal to (\S+)", "{Label} must be {0} or less"),
    (r"Input should be less than (\S+)", "{Label} must be less than {0}"),
    (r"Input should be a valid boolean.*|Input should be '.*", "Select {the}{label}"),
    (r"(?:List|Value) should have at least 1 item.*", "Select {the}{label}"),
    (r"String should match pattern.*", "{Label} is not in the right form"),
]
"""The validator's own sentences, and what the person at the form is told instead."""
SENTENCES = ("what ", "how ", "why ", "where ", "when ", "who ", "whether ", "the ")


def plain_problem(message: str, label: str, *, choice: bool = False, wrong: str = "") -> str:
    """A problem as GOV.UK words it: "Enter the title".

    `label` is the field's; `choice` is true for radios and the like, which are selected; `wrong` is
    what to say of a value that is not of the field's kind at all.
    """
    if wrong and message.startswith("Input should be a valid "):
        return wrong
    name = label if re.match(r"[A-Z]{2}", label) else label[:1].lower() + label[1:]
    the = "" if name.startswith(SENTENCES) else "the "
    for pattern, plain in PLAIN:
        found = re.fullmatch(pattern, message)
        if found:
            shown = {"label": name, "Label": label[:1].upper() + label[1:], "the": the}
            text = plain.format(*found.groups(), **shown)
            return text.replace("Enter ", "Select ", 1) if choice else text
    return message


def _date(value: Any) -> date | None:
    if not value:
        return None
    if isinstance(value, str) and len(value) == 10:
        return date.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return _datetime(value).astimezone(LONDON).date()


def _datetime(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
