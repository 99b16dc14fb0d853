"""Technologies that forces like one of them piloted: like the reader's own, or like the force of a
search that was kept."""

from dataclasses import dataclass

from starlette.requests import Request

from innohub.errors import Invalid
from innohub.identity.models import OrganisationKind
from innohub.web.own import own_slugs
from innohub.web.peers import MINE
from innohub.web.reading import Document, read

FORCE = Document("query Likened($slug: String!) { force(slug: $slug) { id name } }", "likened")


@dataclass(frozen=True)
class Likeness:
    """The force whose likes are asked for."""

    id: str
    """Global."""
    slug: str
    name: str
    own: bool
    """Whether the reader belongs to it."""


async def likeness(request: Request, asked: str) -> Likeness | None:
    """The force that `?like=` names, by its slug or as `mine`; None where it names none, and for a
    reader who asks for theirs and has none."""
    if not asked:
        return None
    slugs = await own_slugs(request, OrganisationKind.FORCE)
    slug = next(iter(slugs), "") if asked == MINE else asked
    found = (await read(request, FORCE, {"slug": slug}))["force"] if slug else None
    return found and Likeness(found["id"], slug, found["name"], slug in slugs)


async def kept_likeness(request: Request, asked: str) -> str:
    """The slug by which it is kept. Raises Invalid where there is no such force."""
    found = await likeness(request, asked)
    if asked and found is None:
        raise Invalid("There is no force to compare with. Take “Forces like mine” away first.")
    return found.slug if found else ""
