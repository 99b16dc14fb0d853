"""The search for technologies: everything it is narrowed by stands in its address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from innohub.identity.actor import Actor
from innohub.market.evidence.models import Verdict
from innohub.market.finding import commands, service
from innohub.web.forms import Sent
from innohub.web.page import Data, Page, step
from innohub.web.pages.technologies.likeness import Likeness, kept_likeness, likeness
from innohub.web.paging import page_of
from innohub.web.peers import LIKE, MINE, own_force
from innohub.web.reading import Document, read

PAGE_SIZE = 10
ORDERS = {
    "relevance": ("Best match", "RELEVANCE"),
    "evidence": ("Strongest evidence", "EVIDENCE"),
    "rating": ("Highest rating", "RATING"),
    "newest": ("Newest", "NEWEST"),
}
READING = Document(
    "query Reading($text: String!) { reading: searchReading(text: $text)"
    " { text literally alike corrections { typed readAs } } }",
    "reading",
)
VERDICTS = {verdict.value: verdict.name for verdict in Verdict}
RATINGS = {"4": "4 and over", "3": "3 and over"}


@dataclass(frozen=True)
class Search:
    """What the address asks for; what is no filter of ours is left out."""

    text: str
    category: list[str]
    trl: list[int]
    force: list[str]
    rating: str
    capability: list[str]
    verdict: list[str]
    assurance: list[str]
    like: str
    """Only what forces like this one piloted: its slug, or `mine`."""
    order: str

    @classmethod
    def of(cls, request: Request) -> "Search":
        query = request.query_params
        rating = query.get("rating", "")
        order = query.get("sort", "")
        return cls(
            text=query.get("q", "").strip()[:200],
            category=_once(query.getlist("category")),
            trl=[int(level) for level in _once(query.getlist("trl")) if level in "123456789"],
            force=_once(query.getlist("force")),
            rating=rating if rating in RATINGS else "",
            capability=_once(query.getlist("capability")),
            verdict=[one for one in _once(query.getlist("verdict")) if one in VERDICTS],
            assurance=_once(query.getlist("assurance")),
            like=query.get(LIKE, "").strip()[:100],
            order=order if order in ORDERS else _usual_order(query.get("q", "")),
        )

    @property
    def filter(self) -> dict[str, Any]:
        given = {
            "search": self.text,
            "category": self.category,
            "trl": self.trl,
            "pilotedBy": self.force,
            "ratingAtLeast": float(self.rating) if self.rating else None,
            "capability": self.capability,
            "verdict": [VERDICTS[one] for one in self.verdict],
            "assuranceHeld": self.assurance,
        }
        return {name: value for name, value in given.items() if value}

    def criteria(self, like: str) -> dict[str, Any]:
        """The same as what is kept of a search; `like` is the force's slug."""
        names = {"pilotedBy": "piloted_by", "ratingAtLeast": "rating_at_least",
                 "assuranceHeld": "assurance_held"}  # fmt: skip
        given = {names.get(name, name): value for name, value in self.filter.items()}
        return {**given, "verdict": self.verdict, "piloted_by_forces_like": like}


async def asked_in(request: Request) -> dict[str, Any]:
    """What the address asks, as a search keeps it. Raises Invalid where it names no force."""
    search = Search.of(request)
    return search.criteria(await kept_likeness(request, search.like))


async def filter_of(request: Request) -> dict[str, Any]:
    """What the address asks, as the API's filter; the force that others are like stays with the
    request, as `liked`."""
    search = Search.of(request)
    liked = request.state.liked = await likeness(request, search.like)
    return {**search.filter, **({"pilotedByForcesLike": liked.id} if liked else {})}


async def variables(request: Request) -> Data:
    search = Search.of(request)
    request.state.reading = None
    if search.text:
        request.state.reading = (await read(request, READING, {"text": search.text}))["reading"]
    return {
        "filter": await filter_of(request),
        "orderBy": ORDERS[search.order][1],
        "search": search.text,
        **page_of(request, PAGE_SIZE),
    }


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    search = Search.of(request)
    found = data["technologies"]
    facets = found["facets"]
    return {
        "search": search,
        "reading": request.state.reading,
        "orders": {
            name: words for name, (words, _) in ORDERS.items() if name != "relevance" or search.text
        },
        "options": _options(search, data),
        **_comparison(request, found),
        "likes": _likes(request.state.liked, actor),
        "liked": request.state.liked,
        "chosen": list(_chosen(search, data, request.state.liked)),
        "rescues": [] if found["totalCount"] else list(_rescues(search, facets)),
    }


async def save(request: Request, sent: Sent) -> Response:
    """What is asked stands in the address; the form adds the name."""
    asked = await asked_in(request)
    perform = step(
        commands.SaveSearch,
        service.save_search,
        prepare=lambda given: {**given, "criteria": asked},
        done="The search is saved. You get a notice when something new fits.",
    )
    return await perform(request, sent)


def _likes(liked: Likeness | None, actor: Actor) -> dict[str, str] | None:
    """What the one box offers: forces like the reader's own, or like the one that is asked for."""
    if liked is not None and not liked.own:
        return {"value": liked.slug, "label": _like_words(liked)}
    if own_force(actor) is None:
        return None
    return {"value": MINE, "label": "Piloted by forces like mine"}


def _like_words(liked: Likeness) -> str:
    return f"Piloted by forces like {'mine' if liked.own else liked.name}"


def _usual_order(text: str) -> str:
    """With words to search by, how well they fit comes first; evidence decides in any case."""
    return "relevance" if text.strip() else "evidence"


def _comparison(request: Request, found: Data) -> dict[str, list[str]]:
    """What was chosen to be compared so far: `comparing` all of it, `carried` what this page of
    results does not show."""
    comparing = _once(request.query_params.getlist("compare"))
    shown = {technology["slug"] for technology in found["nodes"]}
    return {"comparing": comparing, "carried": [one for one in comparing if one not in shown]}


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))


def _options(search: Search, data: Data) -> dict[str, list[dict[str, Any]]]:
    """What can be ticked: whatever would find something, and what is ticked already."""
    facets = data["technologies"]["facets"]
    levels = {facet["value"]: facet["count"] for facet in facets["trl"]}
    bands = {facet["value"]: facet["count"] for facet in facets["rating"]}
    good = bands.get("4", 0)
    return {
        "category": _counted(facets["category"], search.category, _labels(data, "categories")),
        "trl": [
            {"value": level, "label": f"TRL {level}", "count": levels.get(level, 0)}
            for level in "987654321"
            if level in levels or int(level) in search.trl
        ],
        "rating": [
            {"value": "", "label": "Any, or none yet", "count": sum(bands.values())},
            {"value": "3", "label": RATINGS["3"], "count": good + bands.get("3", 0)},
            {"value": "4", "label": RATINGS["4"], "count": good},
        ],
        "force": _counted(facets["pilotedBy"], search.force, _labels(data, "forces")),
        "capability": _counted(
            facets["capability"], search.capability, _labels(data, "capabilities")
        ),
        "verdict": _counted(facets["verdict"], search.verdict, {}),
        "assurance": _counted(facets["assurance"], search.assurance, _labels(data, "assurance")),
    }


def _counted(
    facets: Iterable[Mapping[str, Any]], chosen: Iterable[str], labels: Mapping[str, str]
) -> list[dict[str, Any]]:
    counts = [dict(facet) for facet in facets]
    known = {facet["value"] for facet in counts}
    counts += [
        {"value": value, "label": labels.get(value, value), "count": 0}
        for value in chosen
        if value not in known
    ]
    return sorted(counts, key=lambda facet: str(facet["label"]))


def _labels(data: Data, name: str) -> dict[str, str]:
    """Words for the values of a filter, for those too that nothing found has."""
    if name == "forces":
        return {force["slug"]: force["name"] for force in data["forces"]}
    return {entry["value"]: entry["label"] for entry in data[name]}


def _chosen(search: Search, data: Data, liked: Likeness | None) -> Iterable[dict[str, str]]:
    """The filters in use, each to be taken away by itself."""
    categories, forces = _labels(data, "categories"), _labels(data, "forces")
    if search.text:
        yield {"name": "q", "value": search.text, "label": f"“{search.text}”"}
    for value in search.category:
        yield {"name": "category", "value": value, "label": categories.get(value, value)}
    for level in search.trl:
        yield {"name": "trl", "value": str(level), "label": f"TRL {level}"}
    for value in search.force:
        label = f"Piloted by {forces.get(value, value)}"
        yield {"name": "force", "value": value, "label": label}
    if liked is not None:
        yield {"name": LIKE, "value": search.like, "label": _like_words(liked)}
    if search.rating:
        label = f"Rated {RATINGS[search.rating]}"
        yield {"name": "rating", "value": search.rating, "label": label}
    serves, holds = _labels(data, "capabilities"), _labels(data, "assurance")
    for value in search.capability:
        yield {"name": "capability", "value": value, "label": serves.get(value, value)}
    for value in search.verdict:
        label = f"Result: {value.replace('didnt', 'didn’t').replace('_', ' ')}"
        yield {"name": "verdict", "value": value, "label": label}
    for value in search.assurance:
        yield {"name": "assurance", "value": value, "label": holds.get(value, value)}


def _rescues(search: Search, facets: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Single filters without which something would be found: each facet's counts leave out its own
    filter."""
    for name, facet, used, what in (
        ("category", "category", search.category, "in any category"),
        ("trl", "trl", search.trl, "at any readiness level"),
        ("rating", "rating", search.rating, "with any rating or none"),
        ("capability", "capability", search.capability, "for any part of policing"),
    ):
        count = sum(one["count"] for one in facets[facet])
        if used and count:
            yield {"name": name, "count": count, "what": what}
    if search.like:
        yield {"name": LIKE, "count": None, "what": "piloted by any force or none"}
    if search.force and facets["pilotedBy"]:
        yield {"name": "force", "count": None, "what": "piloted by other forces"}


PAGE = Page(
    "technologies",
    "/technologies",
    variables=variables,
    context=context,
    actions={"save": save},
)
