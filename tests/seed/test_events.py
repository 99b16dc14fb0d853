"""The events of a whole market, recorded by the services themselves, against their catalogue."""

from jsonschema import Draft202012Validator
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.hub.event_catalogue import bundle
from innohub.outbox.models import Event


async def test_every_event_of_the_story_fits_its_schema(session: AsyncSession) -> None:
    reads = Draft202012Validator(bundle(), format_checker=Draft202012Validator.FORMAT_CHECKER)
    seen = set()
    for event in await session.scalars(select(Event)):
        seen.add(event.type)
        told = {
            "type": event.type,
            "schemaVersion": event.schema_version,
            "payload": event.payload,
        }
        of_type = {"$ref": f"#/$defs/{event.type}", "$defs": bundle()["$defs"]}
        faults = [fault.message for fault in reads.evolve(schema=of_type).iter_errors(told)]
        assert faults == [], (event.type, event.payload)
    assert len(seen) >= 20, sorted(seen)
