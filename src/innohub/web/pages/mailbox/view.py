"""The demonstration's mailbox: the e-mails that a mail server would carry, for everybody to read.

There only where the hub keeps e-mail in place of sending it, which it never does in production.
"""

from typing import Any

from sqlalchemy import select
from starlette.requests import Request

from innohub.errors import NotFound
from innohub.identity.actor import Actor
from innohub.identity.models import Person
from innohub.mail.models import MailMessage
from innohub.web.page import Data, Page

MOST = 20


async def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    """Raises NotFound where e-mail leaves the hub, or none is written."""
    if not request.app.state.settings.demonstration_mailbox:
        raise NotFound("This page does not exist.")
    async with request.app.state.database.session() as session:
        found = await session.execute(
            select(MailMessage, Person)
            .join(Person, Person.id == MailMessage.person_id)
            .where(MailMessage.sent_at.is_not(None), MailMessage.text.is_not(None))
            .order_by(MailMessage.id.desc())
            .limit(MOST)
        )
        messages = [{"mail": mail, "person": person} for mail, person in found]
    return {"messages": messages}


PAGE = Page("mailbox", "/mailbox", context=context)
