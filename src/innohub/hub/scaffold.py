"""A new connector's folder, sound as it is: what to replace is said where it stands."""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from innohub.errors import Invalid
from innohub.hub.parts import Name

MANIFEST = """\
# yaml-language-server: $schema={schema}
name: {name}
title: {title}
summary: One sentence for the supplier's administrator on what arrives where.
# exactly_once_in_effect only where their side refuses what is older than what it holds.
promise: at_least_once

settings:
  - name: endpoint
    title: Address of the records
    hint: An https address.
    kind: url
  - name: token_url
    title: Token address of your authorization server
    kind: url
  - name: client_id
    title: Client ID that you gave to InnoHub

secrets:
  - name: client_secret
    title: Client secret that you gave to InnoHub

authorise:
  grant: client_credentials
  token_url: "{{config.token_url}}"
  client_id: "{{config.client_id}}"

# One record for each pilot, with the facts of its newest event; or: event.
record: stream
suggested_events: [pilot.result_published]

write:
  method: PUT
  url: "{{config.endpoint}}/{{record.key}}"
  returns:
    id: body.id

read:
  url: "{{config.endpoint}}/{{record.key}}"
  returns:
    id: body.id
    revision: body.revision

answers:
  ok: [2xx]
  throttled: [429, 503]
  auth_expired: [401]
  conflict: [404, 409, 412]
  rejected: [400, 422]
  because: body.message
"""
MAPPING = """\
# Their field: a JMESPath expression over event, record and config. What is null is left out.
fields:
  revision: record.revision
  event: event.type
  pilot: event.payload.pilot_title
  force: event.payload.force_name
  technology: event.payload.technology_name
  verdict: event.payload.verdict
  finding: event.payload.finding
"""
README = """\
# {title}

One sentence on what InnoHub writes into the supplier's system.

**What is promised: at least once.** Say here what can happen twice, and how it is found.

## What to set up on your side

1. A client for InnoHub at your authorization server, with the least scope that can write the
   records.
2. The fields: `revision` (a whole number) and those of `mapping.yaml`.
3. The connection in InnoHub, by somebody with the role of a supplier's administrator.
4. Send a test from the connection's page.
"""


def make(folder: Path, schema: str) -> list[Path]:
    """Make the folder of a connector of that name. The files made.

    Raises Invalid for a name that is none, and where the folder is there already.
    """
    try:
        name = TypeAdapter(Name).validate_python(folder.name)
    except ValidationError:
        raise Invalid(
            f"{folder.name}: a connector's name has 1 to 40 lower-case letters, digits and "
            "underscores, and begins with a letter"
        ) from None
    if folder.exists():
        raise Invalid(f"{folder}: there is such a folder already")
    folder.mkdir(parents=True)
    title = name.replace("_", " ").capitalize()
    made = []
    for file, text in (
        ("manifest.yaml", MANIFEST.format(name=name, title=title, schema=schema)),
        ("mapping.yaml", MAPPING),
        ("README.md", README.format(title=title)),
    ):
        (folder / file).write_text(text, encoding="utf-8")
        made.append(folder / file)
    return made
