"""People as others may name them."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from innohub.identity.models import Person


def name_of(person_id: Any) -> Any:
    person = aliased(Person)
    return (
        select(person.name).where(person.id == person_id).correlate_except(person).scalar_subquery()
    )
