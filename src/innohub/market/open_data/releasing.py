"""A release is made of what a process says now, if that is not what it said last."""

from typing import Any

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.market.canonical import digest
from innohub.market.open_data.changes import Process
from innohub.market.open_data.models import OcdsRelease
from innohub.outbox.service import record

STAGES = {"planning": "planning", "tender": "tender", "awards": "award", "contracts": "contract"}
"""The sections of a release, and the tag that tells of each for the first time."""
CANCELLED = {"cancelled", "withdrawn", "unsuccessful"}


async def release(
    work: UnitOfWork, process: Process, content: dict[str, Any], *, prefix: str
) -> OcdsRelease | None:
    """Store what a process says now as its next release; None where it says nothing new.

    `content` has the sections of an OCDS 1.1 release, without its head. The id is of the place in
    the process and of what is said, so that the same history always has the same ids. Releases of
    one process are made one after the other: see `changes.next_changes`.
    """
    last = await work.session.scalar(
        select(OcdsRelease)
        .where(
            OcdsRelease.process_kind == process.kind,
            OcdsRelease.process_number == process.number,
        )
        .order_by(OcdsRelease.sequence.desc())
        .limit(1)
    )
    said = digest(content)
    if last is not None and last.digest == said:
        return None
    ocid = last.ocid if last else f"{prefix}-{process.kind}-{process.number}"
    sequence = last.sequence + 1 if last else 1
    tags = tags_of(content, last.body if last else {})
    release_id = f"{ocid}-{sequence:04}-{said[:8]}"
    made = OcdsRelease(
        process_kind=process.kind,
        process_number=process.number,
        ocid=ocid,
        sequence=sequence,
        release_id=release_id,
        tags=tags,
        digest=said,
        released_at=work.now,
        created_at=work.now,
        body={
            "ocid": ocid,
            "id": release_id,
            "date": work.now.isoformat(timespec="seconds"),
            "tag": tags,
            "initiationType": "tender",
            "language": "en",
            **content,
        },
    )
    work.session.add(made)
    await record(work, "ocds:release", made, detail={"release": release_id, "tags": tags})
    return made


def tags_of(content: dict[str, Any], before: dict[str, Any]) -> list[str]:
    """What the release tells of: each section that is new, each that changed. Codes of the closed
    codelist releaseTag."""
    tags: list[str] = []
    for section, tag in STAGES.items():
        new, old = content.get(section), before.get(section)
        if new is None or new == old:
            continue
        if old is None:
            tags.append(tag)
        elif section == "tender" and new.get("status") in CANCELLED:
            tags.append("tenderCancellation")
        else:
            tags.append(f"{tag}Update")
    # Only who takes part changed: planning is what every process has.
    return tags or ["planningUpdate"]
