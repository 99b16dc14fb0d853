"""One technology: what was found out about it, what forces think of it, what its supplier says."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.identity.actor import Actor
from innohub.market.catalogue.parts import SECTIONS
from innohub.market.catalogue.readiness import backing
from innohub.market.working_days import london_date
from innohub.web.authentication import caller_of
from innohub.web.page import Data, Page
from innohub.web.pages.evidence.words import in_a_line
from innohub.web.pages.technology.fit import Line, lines_of
from innohub.web.pages.technology.newest import newest_published
from innohub.web.pages.technology.spread import by_kind, spread_chart, summary_of
from innohub.web.peers import LIKE, MINE, because, own_force, wanted_peers
from innohub.web.stated import labels_of, stated


async def variables(request: Request) -> Data:
    """Without a force to stand in, "mine" is asked for by an id that no row has."""
    actor = (await caller_of(request)).actor
    peers_of = await wanted_peers(request)
    like = {"forcesLike": peers_of} if peers_of else {}
    return {
        "slug": request.path_params["slug"],
        "force": own_force(actor) or identifiers.encode("Force", identifiers.LARGEST),
        **dict.fromkeys(("pilots", "results", "ratings"), like),
    }


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    technology = data["technology"]
    doubts, questions = _fit(data)
    levels = {level["value"]: level["label"] for level in data["trl"]}
    return {
        "technology": technology,
        "today": london_date(request.app.state.database.clock()),
        "across_forces": [
            {**pilot, "short": f"{pilot['force']['name']}: {pilot['title']}"}
            for pilot in technology["pilots"]["nodes"]
            if pilot["force"]
        ],
        "results": newest_published(technology["results"]["nodes"]),
        "titles": {name.name: title for name, title in SECTIONS.items()},
        "stated": stated(technology, labels_of(data)),
        "together": in_a_line,
        "backing": _backing(technology),
        "readiness": levels.get(str(technology["trl"]), ""),
        "ratings": {
            "summary": summary_of(technology["ratings"]["nodes"]),
            "by_kind": by_kind(technology["ratings"]["nodes"]),
        },
        "spread_chart": spread_chart,
        "doubts": doubts,
        "questions": questions,
        "like": request.query_params.get(LIKE) == MINE and data["mine"] is not None,
        "mine": data["mine"],
        "peers": [
            (peer["force"], because(peer)) for peer in (data["mine"] or {"peers": []})["peers"]
        ],
    }


TAKEN_UP = {"ADOPT", "ADOPT_WITH_CONDITIONS"}


def _backing(technology: Data) -> str:
    """What on the hub bears the claimed readiness level, in a sentence."""
    own = [pilot for pilot in technology["pilots"]["nodes"] if not pilot["citation"]]
    done = [pilot for pilot in own if pilot["state"] == "PUBLISHED"]
    live = {pilot["force"]["slug"] for pilot in done if pilot["decision"] in TAKEN_UP}
    return backing(technology["trl"], completed_pilots=len(done), live_forces=len(live))[1]


def _fit(data: Data) -> tuple[list[Line], list[Line]]:
    """Where the technology may not fit the reader's force; nothing without a context sheet."""
    mine = data["mine"]
    if mine is None or mine["context"] is None:
        return [], []
    listed = [*data["hosting"], *data["dataKinds"]]
    labels = {entry["value"]: entry["label"] for entry in listed}
    return lines_of(mine["context"], data["technology"], labels)


PAGE = Page(
    "technology",
    "/technologies/{slug}",
    variables=variables,
    needed=("technology",),
    context=context,
)
