"""Global identifiers: opaque outside, `Pilot` and 12 inside."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from innohub.errors import Invalid

LARGEST = 2**63 - 1


def encode(kind: str, id: int) -> str:
    """The global id of row `id` of GraphQL type `kind`."""
    return urlsafe_b64encode(b"%s:%d" % (kind.encode(), id)).rstrip(b"=").decode()


def decode(text: str) -> tuple[str, int]:
    """The type's name and the row's id. Raises Invalid for anything `encode` did not make."""
    try:
        kind, _, digits = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(":")
        id = int(digits)
    except (NotBase64, ValueError):
        raise Invalid("This is not an identifier of the hub.", field="id") from None
    if not 0 < id <= LARGEST or encode(kind, id) != text:
        raise Invalid("This is not an identifier of the hub.", field="id")
    return kind, id


class IdOf:
    """Marks a command's field: `Annotated[int, IdOf("Pilot")]` takes a global id of a Pilot, or the
    bare number from our own code. Several kinds: where types share a table."""

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        number = core_schema.int_schema(gt=0, le=LARGEST, strict=True)
        return core_schema.no_info_before_validator_function(self._number, number)

    def _number(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            kind, id = decode(value)
        except Invalid as error:
            raise PydanticCustomError("identifier", "{text}", {"text": error.message}) from None
        if kind not in self.kinds:
            raise PydanticCustomError(
                "identifier",
                "This identifies a {given}, not a {wanted}.",
                {"given": kind, "wanted": " or ".join(self.kinds)},
            )
        return id
