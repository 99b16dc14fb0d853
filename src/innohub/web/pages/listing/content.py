"""What the page of a listing shows: the supplier its draft, everybody else what is read."""

from collections.abc import Iterable
from typing import Any

from innohub.market.catalogue.models import Section
from innohub.market.catalogue.parts import FACTS, LABELS, SECTIONS
from innohub.web.page import Data

HELP = {
    Section.WHAT_IT_DOES: "Who uses it, for which task, and what is different for them afterwards. "
    "Say what it does not do.",
    Section.HOW_IT_WORKS: "The parts, what they do, where a person decides. Plain words first.",
    Section.DATA_USE: "Which data it takes in, keeps and passes on; for how long; who is "
    "controller and who processor; where it is kept.",
    Section.AI_USE: "Which model, trained on what, tested on whom; its errors; who checks what it "
    "says, and how a person can disagree.",
    Section.SECURITY: "Encryption, access, logs, tests and who did them, word of an incident.",
    Section.DEPLOYMENT_AND_INTEGRATION: "What the force has to have and to do, how long it takes, "
    "which systems it joins, and how it is taken out again.",
    Section.PRICE_AND_TERMS: "What the price holds and what costs extra; the shortest contract; "
    "how prices rise; what leaving costs.",
    Section.SUPPORT: "Hours, channels, answer times, training, and what happens at night.",
}


def shown(technology: Data, *, as_writer: bool) -> dict[str, Any]:
    """The facts, with the ids of lists, and the sections by name."""
    draft = technology["draft"] if as_writer else None
    of = draft or technology
    serves = of["capabilities"] if draft else [one["value"] for one in of["capabilities"]]
    sections = {section["section"].lower(): section for section in of["sections"]}
    return {**of, "capabilities": serves, "sections": sections}


def sections_of(found: Data, reasons: Data) -> list[dict[str, Any]]:
    """Every section in its order, written or not."""
    return [
        {
            "name": name.value,
            "title": title,
            "help": HELP[name],
            "text": found["sections"].get(name.value),
            "reason": reasons.get(name.value),
        }
        for name, title in SECTIONS.items()
    ]


def fact_reasons(reasons: Data) -> list[tuple[str, str]]:
    """The reviewer's reasons that are about facts, each with the fact's label."""
    return [(FACTS[part], reason) for part, reason in reasons.items() if part in FACTS]


def progress(technology: Data) -> dict[str, Any] | None:
    """How much of the draft is filled in, and what is not; None where nobody began one."""
    draft = technology["draft"]
    if draft is None:
        return None
    return {
        "filled": draft["required"] - len(draft["missing"]),
        "required": draft["required"],
        "missing": list(_places(draft["missing"])),
        "worth_adding": list(_places(draft["worthAdding"])),
    }


def _places(parts: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Each part's label, and the place on the page where it is written."""
    for part in parts:
        yield LABELS[part], f"#{'facts' if part in FACTS else part}"


def changed_words(version: Data | None) -> str:
    """The parts that a version changed, for a sentence."""
    return ", ".join(LABELS[part] for part in version["changed"]) if version else ""
