"""What is said about a file, and what stands in for one that may not be stored."""

from enum import StrEnum

from pydantic import field_validator

from innohub.market.command import Command, Line
from innohub.market.documents.files import MARKED


class Marking(StrEnum):
    """Of the Government Security Classifications; the hub stores OFFICIAL only."""

    OFFICIAL = "official"
    OFFICIAL_SENSITIVE = "official_sensitive"


class DescribeFile(Command):
    """The base of uploads. `alternative_text`, for a picture, says what it shows."""

    title: Line
    alternative_text: Line | None = None
    marking: Marking

    @field_validator("title")
    @classmethod
    def _unmarked(cls, given: str) -> str:
        if MARKED.search(given):
            raise ValueError(
                "The title carries a marking above OFFICIAL. Such a file is not stored here: "
                "state its title and who holds it."
            )
        return given

    @field_validator("marking")
    @classmethod
    def _official(cls, given: Marking) -> Marking:
        if given is not Marking.OFFICIAL:
            raise ValueError(
                "A file marked SENSITIVE is not stored here: state its title and who holds it."
            )
        return given


class PointTo(Command):
    """The base of pointers to what is marked SENSITIVE: nothing but a title and a holder."""

    title: Line
    holder: Line
