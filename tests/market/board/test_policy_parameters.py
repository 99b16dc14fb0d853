"""What a policy's SQL may depend on: the viewer's ids, by name, and nothing else."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from innohub.identity.actor import STRANGER, Actor, ActorKind, Seat
from innohub.identity.models import OrganisationKind, Role
from innohub.identity.permissions import OF_ROLE
from innohub.identity.viewer import Viewer
from innohub.market.assurance import policy as assurance
from innohub.market.assurance.models import AssuranceItem
from innohub.market.board import policy as board
from innohub.market.board.models import (
    Interest,
    Round,
    RoundCriterion,
    RoundItem,
    Score,
)
from innohub.market.board.seats import policy as seats
from innohub.market.board.seats.models import RoundMember
from innohub.market.catalogue import policy as catalogue
from innohub.market.catalogue.models import (
    ListingSection,
    ListingVersion,
    Technology,
    TechnologyCapability,
)
from innohub.market.pilots.models import Pilot
from innohub.market.ratings import policy as ratings
from innohub.market.ratings.models import Rating

RULES = [
    (Technology, catalogue.visible),
    (ListingSection, catalogue.section_visible),
    (ListingVersion, catalogue.version_visible),
    (TechnologyCapability, catalogue.capability_visible),
    (AssuranceItem, assurance.visible),
    (Rating, ratings.visible),
    (Pilot, ratings.pilot_known),
    (Round, board.visible),
    (RoundCriterion, board.criterion_visible),
    (RoundMember, seats.member_visible),
    (RoundMember, seats.seat_reason_visible),
    (RoundItem, board.item_visible),
    (Interest, board.interest_visible),
    (Score, board.score_visible),
    (Score, board.scorer_visible),
]


def somebody(role: Role, organisation_id: int, person_id: int) -> Actor:
    seat = Seat(organisation_id, OrganisationKind.COMPANY, OF_ROLE[role])
    return Actor(ActorKind.PERSON, "Somebody", person_id=person_id, seats=(seat,))


def compiled(model: Any, rule: Any, actor: Actor) -> Any:
    return select(model).where(rule(model, Viewer(actor))).compile(dialect=postgresql.dialect())


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("model", "rule"), RULES, ids=lambda given: given.__name__)
def test_people_of_one_role_share_the_text_and_differ_in_viewer_parameters(
    model: Any, rule: Any, role: Role
) -> None:
    one, other = somebody(role, 1, 11), somebody(role, 2, 12)
    ours, theirs = compiled(model, rule, one), compiled(model, rule, other)
    assert str(ours) == str(theirs)
    viewer = Viewer(one)
    assert {name: viewer.value(name) for name in ours.params} == ours.params


@pytest.mark.parametrize(("model", "rule"), RULES, ids=lambda given: given.__name__)
def test_a_stranger_s_rule_needs_no_parameter_at_all(model: Any, rule: Any) -> None:
    assert compiled(model, rule, STRANGER).params == {}
