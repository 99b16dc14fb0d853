"""What the parts of a manifest are written with: texts with placeholders, names, strict models."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

PLACEHOLDER = re.compile(r"\{(fields|[a-z_]+\.[a-z_]+)\}")


def _of_settings(template: str) -> str:
    for found in PLACEHOLDER.finditer(template):
        if not found[1].startswith("config."):
            raise ValueError(
                f"{{{found[1]}}} is not known yet while the hub asks for a token: "
                "only {config.…} can stand here"
            )
    return template


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Template = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
"""A text with placeholders: `{config.endpoint}`, `{event.external_key}`."""
SettingsTemplate = Annotated[Template, AfterValidator(_of_settings)]
"""A text that names settings of the connection only, `{config.client_id}`: no event is at hand."""


class Part(BaseModel):
    """A piece of a manifest: what it does not know, it refuses."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
