"""People of a story at the pages: signed in by their part, or sending what no page offers."""

from typing import Any

from innohub.identity.actor import Actor
from innohub.identity.models import Person
from tests.web.visitor import Seen, Visitor


async def as_actor(visitor: Visitor, actor: Actor) -> Visitor:
    """The visitor, signed in as the person behind the actor."""
    async with visitor.app.state.database.session() as session:
        return await visitor.sign_in_as(await session.get_one(Person, actor.person_id))


async def forge(visitor: Visitor, path: str, do: str, **fields: Any) -> Seen:
    """Send a form that the page does not offer, with a token that counts."""
    tokens = (await visitor.see("/about")).document.all("input", name="csrf_token")
    if not tokens:
        tokens = (await visitor.see("/login")).document.all("input", name="csrf_token")
    sent = {"csrf_token": tokens[0]["value"], "do": do, **fields}
    response = await visitor.client.post(path, data=sent)
    if response.status_code == 303:
        return await visitor.see(response.headers["location"])
    return Seen(response)


async def resend(visitor: Visitor, page: Seen, path: str, do: str, **fields: Any) -> Seen:
    """Fill in a form of the page in view, which opening its address again would not show."""
    form = page.form(do)
    sent = {f["name"]: f["value"] for f in form.all("input", type="hidden")}
    response = await visitor.client.post(path, data=sent | fields)
    if response.status_code == 303:
        return await visitor.see(response.headers["location"])
    return Seen(response)
