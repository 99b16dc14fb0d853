"""A digest as an e-mail: text for every mail program, HTML for those that show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from innohub.identity.models import Person
from innohub.market.decisions.digest.content import Content
from innohub.market.decisions.models import DecisionSection
from innohub.market.decisions.sources import SOURCES
from innohub.market.decisions.waiting import Decision
from innohub.market.working_days import in_words, london_date
from innohub.notices.models import Cadence

SECTIONS = {
    DecisionSection.DECIDE: "Decide",
    DecisionSection.RISK: "Risk",
    DecisionSection.OPPORTUNITY: "Opportunity",
}


@dataclass(frozen=True)
class Written:
    subject: str
    text: str
    html: str


def written(
    person: Person, content: Content, cadence: Cadence, tokens: Mapping[int, str], base_url: str
) -> Written:
    """`tokens`: of each decision, by its id."""
    facts = {
        "person": person,
        "content": content,
        "cadence": cadence.value,
        "sections": [
            (name, [row for row in content.decisions if row.section == section])
            for section, name in SECTIONS.items()
        ],
        "links": {id: f"{base_url}/open/{token}" for id, token in tokens.items()},
        "base_url": base_url,
    }
    html, text = (_templates().get_template(f"digest.{kind}") for kind in ("html", "txt"))
    return Written(_subject(content), text.render(facts), html.render(facts))


def _subject(content: Content) -> str:
    if not content.waiting:
        return "InnoHub: nothing waits for you; what is new"
    one = content.waiting == 1
    overdue = sum(row.due_on < content.today for row in content.decisions)
    late = f", {overdue} overdue" if overdue else ""
    return f"InnoHub: {content.waiting} decision{'' if one else 's'} wait{'s' * one} for you{late}"


def money(row: Decision) -> str:
    """The sum, and what it is."""
    if row.money_pence is None:
        return "not said"
    whole, rest = divmod(row.money_pence, 100)
    pounds = f"£{whole:,}.{rest:02d}" if rest else f"£{whole:,}"
    return f"{pounds} {SOURCES[row.kind].money}"


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("innohub.market.decisions.digest", "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        day=in_words, day_of=lambda moment: in_words(london_date(moment)), money=money
    )
    return environment
