"""What somebody is told by e-mail, and how often."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.notices.commands import SetDigestCadence, SetNoticeChannel
from innohub.notices.models import DEMANDED, STAYS, Cadence, Channel, NoticeKind
from innohub.notices.preferences import set_cadence, set_channel
from innohub.web.page import Data, Page, step

CADENCES = {
    Cadence.DAILY: "Every working day",
    Cadence.WEEKLY: "Once a week",
    Cadence.MONTHLY: "Once a month",
    Cadence.NEVER: "Never",
}


KINDS = {
    NoticeKind.DECISION: "Decisions passed on",
    NoticeKind.TURN: "Your turn on a pilot",
    NoticeKind.HALT: "Pilots that are paused or broke a stop rule",
    NoticeKind.RESULT_DUE: "Results due or overdue",
    NoticeKind.PILOT: "What else happens to pilots",
    NoticeKind.WORK: "Tasks, messages and checkpoints",
    NoticeKind.ASSURANCE: "Assurance",
    NoticeKind.LISTING: "Listings",
    NoticeKind.CHALLENGE: "Challenges",
    NoticeKind.BOARD: "The innovation board",
    NoticeKind.POOL: "Quotes, pooled demand and savings",
    NoticeKind.SEARCH: "Saved searches",
    NoticeKind.RATING: "Ratings",
    NoticeKind.KPI: "KPIs",
    NoticeKind.DOCUMENT: "Files with a finding",
    NoticeKind.CONNECTION: "Connected systems",
}
CHANNELS = {
    Channel.INBOX: "In the inbox only",
    Channel.DIGEST: "In the digest, too",
    Channel.EMAIL: "By e-mail at once, too",
    Channel.NOTHING: "Not at all",
}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    chosen = {one["kind"]: one["channel"] for one in data["noticePreferences"]["choices"]}
    return {
        "cadences": list(CADENCES.items()),
        "kinds": [
            (kind, words, chosen.get(kind.name, Channel.INBOX.name), _channels(kind))
            for kind, words in KINDS.items()
        ],
    }


def _channels(kind: NoticeKind) -> list[tuple[str, str]]:
    refused = {Channel.NOTHING} if kind in DEMANDED else set[Channel]()
    if kind in STAYS:
        refused |= {Channel.DIGEST, Channel.EMAIL}
    return [(channel, words) for channel, words in CHANNELS.items() if channel not in refused]


PAGE = Page(
    "notice_preferences",
    "/notices/preferences",
    needed=("noticePreferences",),
    context=context,
    actions={
        "cadence": step(SetDigestCadence, set_cadence, done="Your choice is stored."),
        "channel": step(SetNoticeChannel, set_channel, done="Your choice is stored."),
    },
    signed_in=True,
)
