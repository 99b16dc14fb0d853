"""What a due-diligence pack says, as plain words for the template: text and tables, no markup."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from innohub.market.catalogue.parts import LABELS
from innohub.market.pilots.service import GRACE
from innohub.web.charts import effect_words
from innohub.web.pages.technology.newest import newest_published
from innohub.web.pages.technology.spread import summary_of
from innohub.web.stated import labels_of, stated
from innohub.web.wording import GRADES, day, grade, month, number, plural, price, words

STATES = {
    "SUSPENDED": "This listing is suspended: nothing new may start with it until the cause is "
    "cleared.",
    "WITHDRAWN": "The supplier took this listing off the market.",
}
SECTIONS = {
    "WHAT_IT_DOES": "What it does",
    "HOW_IT_WORKS": "How it works",
    "DATA_USE": "What data it uses",
    "DEPLOYMENT_AND_INTEGRATION": "Putting it to use",
    "PRICE_AND_TERMS": "Price and terms",
}

Row = Mapping[str, Any]


def content_of(data: Mapping[str, Any], today: date, base_url: str) -> dict[str, Any]:
    """The pack of the technology in an answer to pack.graphql, as it is on the day `today`."""
    technology = data["technology"]
    version = technology["currentVersion"]
    ratings = technology["ratings"]
    return {
        "name": technology["name"],
        "summary": technology["summary"],
        "by": f"{technology['categoryLabel']} from {technology['supplier']['name']}",
        "address": f"{base_url}/technologies/{technology['slug']}",
        "date": day(today.isoformat()),
        "on": today.isoformat(),
        "version": str(version["number"]) if version else "none",
        "hash": version["contentHash"] if version else "",
        "demonstration": technology["demonstration"],
        "warning": STATES.get(technology["state"], ""),
        "facts": [list(pair) for pair in _facts(technology, data) if pair[1]],
        "sections": [
            {
                "title": SECTIONS.get(one["section"], words(one["section"])),
                "text": _text(one["body"]),
            }
            for one in technology["sections"]
        ],
        "assurance": [_item(item) for item in technology["assurance"]["nodes"]],
        "versions": [_change(one) for one in technology["versions"]["nodes"] if one["liveAt"]],
        "results": [_result(one) for one in newest_published(technology["results"]["nodes"])],
        "open": [_open(pilot, today) for pilot in _without_result(technology)],
        "pilots": [_pilot(pilot) for pilot in technology["pilots"]["nodes"]],
        "left_out": _left_out(technology),
        "ratings": _ratings(ratings["nodes"], data["dimensions"]) if ratings["nodes"] else None,
        "grades": [[str(level), text] for level, text in GRADES.items()],
    }


def _facts(technology: Row, data: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    supplier, version = technology["supplier"], technology["currentVersion"]
    levels = {level["value"]: level["label"] for level in data["trl"]}
    trl = str(technology["trl"])
    yield "Supplier", supplier["name"]
    yield "The supplier says of itself", supplier["summary"] or ""
    yield "Website", supplier["website"] or ""
    yield "Price, without VAT", price(technology["price"]) if technology["price"] else ""
    yield "Readiness, as claimed", f"TRL {trl}: {levels.get(trl, '')}"
    yield "What backs it", technology["trlEvidence"] or ""
    yield "Serves", ", ".join(sorted(one["label"] for one in technology["capabilities"]))
    yield from stated(technology, labels_of(data))
    best = technology["bestGrade"]
    yield "Best evidence", f"Grade {grade(best)}" if best is not None else "No result yet"
    yield (
        "Listing",
        f"{words(technology['state'])}, first published {day(technology['publishedAt'])}",
    )
    if version:
        reviewed = day(version["reviewedAt"])
        yield "Version", f"{version['number']}" + (f", reviewed on {reviewed}" if reviewed else "")


def _item(item: Row) -> list[str]:
    ends = f"to {day(item['expiresOn'])}" if item["expiresOn"] else "no expiry"
    valid = f"{day(item['issuedOn'])}, {ends}"
    issued = f"{item['issuer']}, {item['reference']}"
    return [item["label"], issued, valid, words(item["status"]), _answers(item["answers"])]


ANSWERS = {
    "acceptedAsIs": "took it as it is",
    "acceptedWithLocalAddendum": "added to it",
    "needsLocalAssessment": "assessed for themselves",
    "rejected": "rejected it",
}


def _answers(counts: Mapping[str, int]) -> str:
    """What forces made of an item of the passport: how many did what."""
    told = [f"{counts[answer]} {did}" for answer, did in ANSWERS.items() if counts[answer]]
    return ", ".join(told) or "No force answered yet"


def _change(version: Row) -> list[str]:
    """A version that was live: its number, since when, what it changed."""
    parts = ", ".join(LABELS[part] for part in version["changed"])
    reviewed = " (reviewed first)" if version["material"] else ""
    changed = f"{parts}{reviewed}" if parts else "The first version"
    return [str(version["number"]), day(version["liveAt"]), changed, version["contentHash"][:12]]


def _where(pilot: Row) -> str:
    if pilot["citation"] or not pilot["force"]:
        return f"Published trial, {pilot['site']}"
    return f"{pilot['force']['name']}, {pilot['site']}"


def _version(pilot: Row) -> str:
    return str(pilot["version"]["number"]) if pilot["version"] else ""


def _result(result: Row) -> dict[str, Any]:
    pilot = result["pilot"]
    cited = pilot["citation"]
    facts = [
        (
            "Where and when",
            f"{_where(pilot)}, {month(pilot['startOn'])} to {month(pilot['endOn'])}",
        ),
        ("Measured", result["kpiLabel"]),
        ("Effect (95% interval)", effect_words(result, pilot["protocol"])),
        ("Evidence grade", grade(result["grade"])),
        ("Units analysed", number(result["sampleSize"])),
        ("Signs of harm", "Yes" if result["harmSignal"] else "None found"),
        ("Stopped early", words(pilot["stopReason"]) if pilot["stopReason"] else ""),
        ("Listing version", "" if cited else _version(pilot)),
        ("Source", cited["text"] if cited else ""),
    ]
    return {
        "title": pilot["title"],
        "verdict": words(result["verdict"]),
        "finding": result["finding"],
        "facts": [list(pair) for pair in facts if pair[1]],
        "notes": list(result["notes"]),
    }


def _without_result(technology: Row) -> list[Row]:
    told = {one["pilot"]["number"] for one in newest_published(technology["results"]["nodes"])}
    return [pilot for pilot in technology["pilots"]["nodes"] if pilot["number"] not in told]


def _open(pilot: Row, today: date) -> list[str]:
    """A registered pilot without a published result: whether that is late, as the register has it,
    or reported and not public yet, or not due yet. On the pack's day, which is the hub's."""
    due = pilot["protocol"] and pilot["protocol"]["resultDueOn"]
    if not due:
        told = "No result published"
    elif pilot["reportedAt"] is None and date.fromisoformat(due) + GRACE < today:
        told = f"Registered, unreported: was due on {day(due)}"
        if pilot["overdueExplanation"]:
            told += f". The force explains: {pilot['overdueExplanation']}"
    else:
        told = f"No result published yet: due on {day(due)}"
    return [pilot["title"], _where(pilot), words(pilot["state"]), told]


def _pilot(pilot: Row) -> list[str]:
    state = "Published trial" if pilot["citation"] else words(pilot["state"])
    runs = f"{month(pilot['startOn'])} to {month(pilot['endOn'])}"
    version = "" if pilot["citation"] else _version(pilot)
    return [pilot["title"], _where(pilot), pilot["kpiLabel"], runs, version, state]


def _left_out(technology: Row) -> str:
    """What a pack of this length does not hold."""
    told = [
        f"{plural(rows['totalCount'] - len(rows['nodes']), what)} more"
        for name, what in (("results", "result"), ("pilots", "pilot"), ("ratings", "rating"))
        for rows in [technology[name]]
        if rows["totalCount"] > len(rows["nodes"])
    ]
    return ", ".join(told)


def _ratings(nodes: Sequence[Row], dimensions: Sequence[Row]) -> dict[str, Any]:
    summary = summary_of(nodes)
    return {
        "mean": number(summary.mean, 1),
        "forces": plural(summary.forces, "force"),
        "spread": [str(summary.distribution[star]) for star in (5, 4, 3, 2, 1)],
        "means": [[one["label"], number(summary.means[one["value"]], 1)] for one in dimensions],
        "said": [_said(node) for node in nodes],
    }


def _said(rating: Row) -> dict[str, Any]:
    version = f", of version {rating['version']['number']}" if rating["version"] else ""
    hidden, reply_hidden = rating["commentHiddenBecause"], rating["replyHiddenBecause"]
    comment = f"The company hid this comment. Reason: {hidden}" if hidden else rating["comment"]
    reply = rating["reply"] or ""
    if reply_hidden:
        reply = f"The company hid this reply. Reason: {reply_hidden}"
    return {
        "by": f"{rating['force']['name']}: {number(rating['overall'], 1)} of 5",
        "when": f"{day(rating['ratedAt'])}{version}",
        "comment": _text(comment),
        "reply": _text(reply),
    }


def _text(body: str) -> list[str]:
    """A person's text as paragraphs."""
    return [" ".join(block.split()) for block in body.split("\n\n") if block.strip()]
