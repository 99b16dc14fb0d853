"""What a search asks for, as it is kept: saved to be told of, or locked to be replayed."""

from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import ColumnElement, literal, select, true

from innohub.identity.models import Organisation, OrganisationKind
from innohub.identity.organisations.naming import ids_by_slug
from innohub.market.evidence.models import Verdict
from innohub.market.finding import predicates
from innohub.market.forces import peers

Id = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Ids = Annotated[
    list[Id], Field(max_length=50), AfterValidator(lambda ids: list(dict.fromkeys(ids)))
]
Trl = Annotated[int, Field(ge=1, le=9)]


class Criteria(BaseModel):
    """As the filter of `technologies`: conditions are combined, each list means any of its values.
    Empty means not asked."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    search: Annotated[str, StringConstraints(max_length=200)] = ""
    category: Ids = []
    trl: Annotated[list[Trl], Field(max_length=9)] = []
    piloted_by: Ids = []
    """Slugs of forces."""
    piloted_by_forces_like: Annotated[str, StringConstraints(max_length=100)] = ""
    """The slug of a force: of those that are like it, as their sheets say when it is asked."""
    rating_at_least: Annotated[float, Field(ge=1, le=5)] | None = None
    capability: Ids = []
    verdict: list[Verdict] = []
    assurance_held: Ids = []

    def kept(self) -> dict[str, Any]:
        """JSON-ready, without what was not asked."""
        return {name: value for name, value in self.model_dump(mode="json").items() if value}

    def query(self) -> str:
        """The query of the search page's address that asks the same."""
        asked = [
            ("q", self.search),
            *(("category", value) for value in self.category),
            *(("trl", value) for value in self.trl),
            *(("force", value) for value in self.piloted_by),
            ("like", self.piloted_by_forces_like),
            ("rating", f"{self.rating_at_least:g}" if self.rating_at_least else ""),
            *(("capability", value) for value in self.capability),
            *(("verdict", value.value) for value in self.verdict),
            *(("assurance", value) for value in self.assurance_held),
        ]
        return urlencode([(name, value) for name, value in asked if value])

    def fits(self, row: Any) -> ColumnElement[bool]:
        """Technologies that fit, as the API's own filter would say."""
        found: ColumnElement[bool] = true()
        for condition in self._conditions(row):
            found = found & condition
        return found

    def _is_named(self, force: Any) -> ColumnElement[bool]:
        fits: ColumnElement[bool] = force.id.in_(
            ids_by_slug(lambda slug: slug.in_(self.piloted_by))
        )
        return fits

    def _conditions(self, row: Any) -> list[ColumnElement[bool]]:
        told: list[tuple[Any, Any]] = [
            (self.search, lambda: predicates.matches(row, literal(self.search))),
            (self.category, lambda: row.category.in_(self.category)),
            (self.trl, lambda: row.trl.in_(self.trl)),
            (
                self.piloted_by,
                lambda: predicates.piloted(row, self._is_named),
            ),
            (
                self.piloted_by_forces_like,
                lambda: predicates.piloted(
                    row, lambda force: peers.like(_force(self.piloted_by_forces_like), force.id)
                ),
            ),
            (
                self.rating_at_least,
                lambda: predicates.rated_at_least(row, self.rating_at_least),
            ),
            (
                self.capability,
                lambda: predicates.has_capability(
                    row, lambda own: own.capability.in_(self.capability)
                ),
            ),
            (
                self.verdict,
                lambda: predicates.has_result(row, lambda result: result.verdict.in_(self.verdict)),
            ),
            (
                self.assurance_held,
                lambda: predicates.holds(row, lambda item: item.type.in_(self.assurance_held)),
            ),
        ]
        return [condition() for asked, condition in told if asked]


def _force(slug: str) -> Any:
    """Its id; null, which is like nobody, for a slug that no force has or had."""
    named = (
        Organisation.id.in_(ids_by_slug(lambda kept: kept == slug)),
        Organisation.kind == OrganisationKind.FORCE,
    )
    return select(Organisation.id).where(*named).scalar_subquery()
