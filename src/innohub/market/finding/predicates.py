"""What searches narrow by, as SQL over a technology's row; shared by the API and by what is kept.

`fits` gets the row of the other table and says which of its rows count.
"""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Integer, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlalchemy.orm import aliased

from innohub.identity.models import Organisation
from innohub.market.assurance import models as assurance
from innohub.market.catalogue import models as catalogue
from innohub.market.evidence import models as evidence
from innohub.market.pilots import models as pilots
from innohub.market.pilots import policy as pilots_policy

Row = Any
Fits = Callable[[Row], Any]


def matches(row: Row, search: Any) -> Any:
    """Listings that a search finds, as `search_read` reads it."""
    return row.search.bool_op("@@")(matching(search))


def matching(search: Any) -> Any:
    """The search as a tsquery, in a subquery of its own: read once, whatever plan is kept."""
    return select(func.search_matching(search, type_=TSQUERY)).scalar_subquery()


def terms(search: Any) -> Any:
    """The words of the search that count, each with what means the same."""
    return select(func.search_terms(search, type_=ARRAY(TSQUERY))).scalar_subquery()


def band(row: Row, search: Any) -> Any:
    """How well a listing fits the search, 0 to 4."""
    return func.search_band(row.search, terms(search), type_=Integer)


def has_capability(row: Row, fits: Fits) -> Any:
    capability = aliased(catalogue.TechnologyCapability)
    return (
        exists()
        .where(capability.technology_id == row.id, fits(capability))
        .correlate_except(capability)
    )


def has_result(row: Row, fits: Fits) -> Any:
    """Published results that fit."""
    result = aliased(evidence.Result)
    published = result.published_at.is_not(None)
    return (
        exists()
        .where(result.technology_id == row.id, published, fits(result))
        .correlate_except(result)
    )


def piloted(row: Row, fits: Fits) -> Any:
    """Pilots in the public register by forces that fit."""
    force, pilot = aliased(Organisation), aliased(pilots.Pilot)
    return (
        exists()
        .where(
            pilot.technology_id == row.id,
            pilot.force_id == force.id,
            fits(force),
            one_of(pilot.state, pilots_policy.REGISTERED),
        )
        .correlate_except(pilot, force)
    )


def holds(row: Row, fits: Fits) -> Any:
    """Verified assurance that fits."""
    item = aliased(assurance.AssuranceItem)
    verified = item.status == assurance.AssuranceStatus.VERIFIED
    return exists().where(item.technology_id == row.id, fits(item), verified).correlate_except(item)


def rated_at_least(row: Row, mean: Any) -> Any:
    return (row.rating_mean >= mean) & (row.rating_count > 0)


def one_of(column: Any, states: Iterable[str]) -> Any:
    """Each state a constant of the statement, so that partial indexes are met."""
    return or_(*(column == state for state in sorted(states)))
