"""The sample of a pilot that connectors are tried with: its start, its result, and the result
corrected. All keys and dates stay the same from one run to the next."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

from innohub.hub.connectors.contract import DeliveryRequest, external_key, stream_key
from innohub.hub.connectors.manifest import Manifest
from innohub.market.evidence.events import ResultPublished
from innohub.market.pilots.events import PilotEvent, PilotStarted

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
"""When the tries take place."""
SINCE = NOW - timedelta(minutes=15)
"""Since when changes on their side are asked for."""
SUPPLIER_ID = 1
STREAM = "pilot/12"
NUMBERS = {"older": 3, "first": 4, "newer": 5}
"""Each event's number in the stream, and with it the record's revision."""

RESULT = ResultPublished(
    stream=STREAM,
    pilot_id=12,
    pilot_title="Redaction of body-worn video",
    technology_id=7,
    technology_slug="clearframe",
    technology_name="Clearframe",
    listing_version=2,
    force_slug="avon-and-somerset",
    force_name="Avon & Somerset",
    site="Bridgwater",
    kpi="Hours per case file",
    start_on=date(2026, 5, 4),
    end_on=date(2026, 9, 25),
    result_id=31,
    result_revision=1,
    published_at=NOW - timedelta(hours=2),
    protocol_hash="sha256:6d1f0c9e",
    design="rct",
    unit="h",
    direction="lower",
    scale="difference",
    effect=-1.5,
    lower=-2.25,
    upper=-0.75,
    p_value=0.002,
    sample_size=240,
    counts=[],
    method="difference of means",
    grade=4,
    grade_reason=None,
    verdict="worked",
    harm_signal=False,
    breaches=[],
    outcomes=[],
    stop_reason=None,
    decision="adopt",
    finding="A case file took 1.5 hours less, in the officers' words \u201cat last\u201d.",
)
CORRECTED = replace(
    RESULT,
    result_revision=2,
    published_at=NOW - timedelta(hours=1),
    effect=-1.25,
    upper=-0.5,
    verdict="promising",
    finding="Corrected: a case file took 1.25 hours less.",
)
STARTED = PilotStarted(
    **{name: getattr(RESULT, name) for name in {each.name for each in fields(PilotEvent)}}
)
EVENTS: Mapping[str, PilotEvent] = {"older": STARTED, "first": RESULT, "newer": CORRECTED}


def sample(which: str, manifest: Manifest, config: Mapping[str, str]) -> DeliveryRequest:
    """What the connector is told of the event `older`, `first` or `newer`."""
    event, seq = EVENTS[which], NUMBERS[which]
    key = external_key(SUPPLIER_ID, STREAM, seq)
    of_event = manifest.record == "event"
    return DeliveryRequest(
        external_key=key,
        type=event.type,
        occurred_at=NOW - timedelta(hours=len(NUMBERS) + NUMBERS["older"] - seq),
        stream=STREAM,
        seq=seq,
        schema_version=event.schema_version,
        payload=event.payload(),
        config=config,
        record_key=key if of_event else stream_key(SUPPLIER_ID, STREAM),
        page=f"https://innohub.example/pilots/{STREAM.partition('/')[2]}",
    )
