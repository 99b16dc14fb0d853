"""The people of the story as accounts: who gets a password, and what a newcomer is told."""

import asyncio
from dataclasses import dataclass, field

from innohub.identity import passwords
from innohub.identity.models import Role
from innohub.seed.market import Story
from innohub.seed.records import StoryPerson

NEWCOMERS_ORDER = (
    Role.FORCE_INNOVATION_LEAD,
    Role.FORCE_SENIOR_RESPONSIBLE_OWNER,
    Role.FORCE_ANALYST,
    Role.FORCE_ASSURANCE_REVIEWER,
    Role.FORCE_CHIEF_OFFICER,
    Role.SUPPLIER_ADMIN,
    Role.SUPPLIER_EDITOR,
    Role.FORCE_COMMERCIAL,
    Role.COMMERCIAL_MANAGER,
    Role.CATALOGUE_REVIEWER,
    Role.ASSURANCE_OFFICER,
    Role.BOARD_CHAIR,
    Role.BOARD_SECRETARY,
    Role.BOARD_MEMBER,
    Role.EVALUATION_ADVISER,
    Role.AUDITOR_READONLY,
    Role.PLATFORM_ADMIN,
    Role.FORCE_VIEWER,
)
"""First those who do the main job, in the order in which they come into it."""


@dataclass(frozen=True)
class Password:
    text: str = field(repr=False)
    hash: str = field(repr=False)


async def passwords_of(story: Story) -> dict[str, Password]:
    """A new random password, hashed, for each person who is shown, by e-mail address."""
    texts = {person.email: passwords.drawn() for person in story.people if person.shown}
    hashes = await asyncio.gather(*(passwords.hashed(text) for text in texts.values()))
    pairs = zip(texts.items(), hashes, strict=True)
    return {email: Password(text, hash) for (email, text), hash in pairs}


def in_newcomers_order(story: Story) -> list[StoryPerson]:
    """The people who are shown, the main job first; within a role in the order of the file."""
    ranks = {role: rank for rank, role in enumerate(NEWCOMERS_ORDER)}
    shown = [person for person in story.people if person.shown]
    return sorted(shown, key=lambda person: ranks.get(person.memberships[0].role, len(ranks)))
