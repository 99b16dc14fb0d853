"""A new connector's folder, sound as it is: what to replace is said where it stands."""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from innohub.errors import Invalid
from innohub.hub.connectors.parts import Name

MANIFEST = """\
# yaml-language-server: $schema={schemas}/manifest.schema.json
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
RECORDING = """\
# yaml-language-server: $schema={schemas}/conformance.schema.json
# What the hub and the system say to each other, held to by: innohub connector test {name} [--show]
recorded:
  from: the system's documentation; say which version, and of what day

settings:
  endpoint: https://system.example/records
  token_url: https://system.example/token
  client_id: innohub

cases:
  - name: a record is made
    situation: created
    exchanges:
      - request: &first
          method: PUT
          url: https://system.example/records/ih-4kkhi3qntmwv46syojn34vzn6y
          body:
            revision: 4
            event: pilot.result_published
            pilot: Redaction of body-worn video
            force: Avon & Somerset
            technology: Clearframe
            verdict: worked
            finding: A case file took 1.5 hours less, in the officers' words “at last”.
        answer: {{status: 201, body: {{id: "1"}}}}
    ends: {{outcome: ok, remote_id: "1", revision: 4}}

  - name: a corrected result goes over the first
    situation: updated
    event: newer
    known: {{remote_id: "1", revision: 4}}
    exchanges:
      - request:
          method: PUT
          url: https://system.example/records/ih-4kkhi3qntmwv46syojn34vzn6y
          body:
            revision: 5
            event: pilot.result_published
            pilot: Redaction of body-worn video
            force: Avon & Somerset
            technology: Clearframe
            verdict: promising
            finding: "Corrected: a case file took 1.25 hours less."
        answer: {{status: 200, body: {{id: "1"}}}}
    ends: {{outcome: ok, remote_id: "1", revision: 5}}

  - name: an event that arrives late changes nothing
    situation: already_there
    event: older
    known: {{remote_id: "1", revision: 4}}
    exchanges: []
    ends: {{outcome: ok, revision: 4, detail_contains: holds revision 4 already}}

  - name: a write whose answer was lost is found by reading back
    situation: lost_answer
    exchanges:
      - request: *first
        lost: true
      - request: {{method: GET, url: https://system.example/records/ih-4kkhi3qntmwv46syojn34vzn6y}}
        answer: {{status: 200, body: {{id: "1", revision: 4}}}}
    ends: {{outcome: ok, remote_id: "1", revision: 4}}

  - name: the system asks for patience
    situation: throttled
    exchanges:
      - request: *first
        answer: {{status: 429, headers: {{Retry-After: "30"}}}}
    ends: {{outcome: throttled, after_seconds: 30}}

  - name: a token that no longer counts is renewed once
    situation: token_refused
    exchanges:
      - request: *first
        answer: {{status: 401}}
      - request: *first
        answer: {{status: 200, body: {{id: "1"}}}}
    ends: {{outcome: ok}}

  - name: a record that the system will not take
    situation: rejected
    exchanges:
      - request: *first
        answer: {{status: 422, body: {{message: verdict is none of ours}}}}
    ends: {{outcome: rejected, detail_contains: verdict is none of ours}}
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


def make(folder: Path, schemas: str) -> list[Path]:
    """Make the folder of a connector of that name; `schemas` is where those for editors lie. The
    files made.

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
        ("manifest.yaml", MANIFEST.format(name=name, title=title, schemas=schemas)),
        ("mapping.yaml", MAPPING),
        ("conformance.yaml", RECORDING.format(name=name, schemas=schemas)),
        ("README.md", README.format(title=title)),
    ):
        (folder / file).write_text(text, encoding="utf-8")
        made.append(folder / file)
    return made
